/** Text completions, chat, and what they tell of the tokens. */
import { readChatCompletion } from '../answers/chat-completion.js';
import type { GeneratedAnswer } from '../answers/generated-answer.js';
import { readTextCompletion, type TextCompletion } from '../answers/text-completion.js';
import type { EndpointError } from '../endpoint-error.js';
import type { EndpointProfile, ServerKind } from '../endpoint-profile.js';
import type { Questioner, Reply } from './questioner.js';

export const PROBE_TEXT = 'The keeper of the lighthouse';
export const PROBE_QUESTION = 'Tell me anything.';
const TOKENS = 4;
/** What is asked for, one after the other until it is granted; `null` for no logprobs at all. */
const ALTERNATIVES: readonly (number | null)[] = [20, 5, 1, null];

export interface Asked<T> {
  readonly answer: T | null;
  /** Alternatives per token; `null` where no logprobs came. */
  readonly logprobs: number | null;
  readonly refusal: EndpointError | null;
}

export interface AskedChat extends Asked<GeneratedAnswer> {
  readonly maxTokensField: EndpointProfile['maxTokensField'];
}

export async function askText(questioner: Questioner): Promise<Asked<TextCompletion>> {
  const asked = await askForLogprobs((count) =>
    questioner.post('/completions', { prompt: PROBE_TEXT, max_tokens: TOKENS, temperature: 0, ...(count !== null && { logprobs: count }) }, readTextCompletion),
  );
  const works = asked.answer !== null;
  questioner.note('Does it complete texts?', describeAnswer(asked), works, works ? 'The raw framing is possible.' : 'Only turns of a conversation can be sent.');
  if (works) noteLogprobs(questioner, 'texts', asked.logprobs);
  return asked;
}

export async function askChat(questioner: Questioner, kind: ServerKind): Promise<AskedChat> {
  const withField = (maxTokensField: EndpointProfile['maxTokensField']): Promise<Asked<GeneratedAnswer>> =>
    askForLogprobs((count) =>
      questioner.post(
        '/chat/completions',
        {
          messages: [{ role: 'user', content: PROBE_QUESTION }],
          [maxTokensField]: TOKENS,
          temperature: 0,
          ...(kind !== 'unknown' && { chat_template_kwargs: { enable_thinking: false } }),
          ...(count !== null && { logprobs: true, top_logprobs: count }),
        },
        readChatCompletion,
      ),
    );
  let asked: AskedChat = { ...(await withField('max_tokens')), maxTokensField: 'max_tokens' };
  if (asked.refusal?.kind === 'badRequest') {
    const second = await withField('max_completion_tokens');
    if (second.answer !== null) asked = { ...second, maxTokensField: 'max_completion_tokens' };
  }
  const works = asked.answer !== null;
  questioner.note('Does it answer turns of a conversation?', describeAnswer(asked), works, works ? 'Framings with turns may be possible.' : 'Only the raw framing is possible.');
  if (works) noteLogprobs(questioner, 'turns', asked.logprobs);
  return asked;
}

async function askForLogprobs<T extends GeneratedAnswer>(ask: (count: number | null) => Promise<Reply<T>>): Promise<Asked<T>> {
  let refusal: EndpointError | null = null;
  for (const count of ALTERNATIVES) {
    const reply = await ask(count);
    if ('value' in reply) {
      const { value } = reply;
      const granted = count !== null && value.hasLogprobs && value.tokens.some(({ logprob }) => logprob !== null);
      const alternatives = Math.max(0, ...value.tokens.map((token) => token.alternatives.length));
      return { answer: value, logprobs: granted ? Math.min(count, alternatives) : null, refusal: null };
    }
    refusal = reply.refusal;
    if (refusal.kind !== 'badRequest') break;
  }
  return { answer: null, logprobs: null, refusal };
}

/** An address that a server does not have needs no words. */
function describeAnswer({ answer, refusal }: Asked<unknown>): string {
  if (answer !== null) return 'yes';
  return refusal === null || refusal.kind === 'notFound' ? 'no' : `no (${refusal.message})`;
}

function noteLogprobs(questioner: Questioner, what: string, logprobs: number | null): void {
  questioner.note(
    `Does it tell logprobs of what it generates (${what})?`,
    logprobs === null ? 'no' : logprobs === 0 ? 'yes, without alternatives' : `yes, with ${logprobs} alternatives`,
    logprobs !== null,
    logprobs === null ? 'Without them nothing can be compared.' : 'Needed of a finetuned model.',
  );
}

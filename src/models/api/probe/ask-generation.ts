/** Text completions, chat, and what they tell of the tokens. */
import { readChatCompletion } from '../dialects/answers/chat-completion.js';
import type { GeneratedAnswer } from '../dialects/answers/generated-answer.js';
import { readTextCompletion, type TextCompletion } from '../dialects/answers/text-completion.js';
import type { EndpointError } from '../transport/endpoint-error.js';
import type { ChatLogprobsAs, EndpointProfile } from '../endpoint-profile.js';
import { chatLogprobFields } from '../dialects/generation/chat-logprobs.js';
import { SGLANG, type ServerFacts } from './ask-identity.js';
import { valueOf, type Questioner, type EndpointReply } from './questioner.js';

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
  readonly logprobsAs: ChatLogprobsAs;
}

export async function askTextCompletion(questioner: Questioner): Promise<Asked<TextCompletion>> {
  const asked = await askForLogprobs((count) =>
    questioner.post('/completions', { prompt: PROBE_TEXT, max_tokens: TOKENS, temperature: 0, ...(count !== null && { logprobs: count }) }, readTextCompletion),
  );
  const works = asked.answer !== null;
  questioner.note(
    'Does it complete texts?',
    describeAnswer(asked),
    works,
    works ? 'The raw framing is possible.' : 'Only turns of a conversation can be sent.',
  );
  if (works) noteLogprobs(questioner, 'texts', asked.logprobs);
  return asked;
}

export async function askChat(questioner: Questioner, { kind, name }: Pick<ServerFacts, 'kind' | 'name'>): Promise<AskedChat> {
  questioner.thinkingOff = kind !== 'unknown' || name === SGLANG;
  let asked = await askTurnInEitherWay(questioner);
  if (!questioner.thinkingOff && thinks(asked)) {
    // Not every server takes the wish; where it does not help, turns go without it.
    questioner.thinkingOff = true;
    const second = await askTurnInEitherWay(questioner);
    if (second.answer !== null && !thinks(second)) asked = second;
    else questioner.thinkingOff = false;
  }
  const { answer, logprobs } = asked;
  const works = answer !== null;
  questioner.note(
    'Does it answer turns of a conversation?',
    describeAnswer(asked),
    works,
    works ? 'Framings with turns may be possible.' : 'Only the raw framing is possible.',
  );
  if (works) noteLogprobs(questioner, 'turns', logprobs);
  if (works && logprobs !== null) noteBytes(questioner, answer);
  if (works && thinks(asked)) {
    questioner.note(
      'Does it answer without thinking first?',
      'no',
      false,
      'Its thoughts stand at the beginning of every answer: switch thinking off at the server.',
    );
  }
  return asked;
}

function thinks({ answer, refusal }: Asked<GeneratedAnswer>): boolean {
  return refusal?.showsThoughts === true || (answer !== null && /^\s{0,20}<think(ing)?>/.test(answer.text));
}

async function askTurnInEitherWay(questioner: Questioner): Promise<AskedChat> {
  const asked = await askTurn(questioner, 'max_tokens');
  if (asked.refusal?.kind !== 'badRequest') return asked;
  const second = await askTurn(questioner, 'max_completion_tokens');
  return second.answer === null ? asked : second;
}

/** The usual way of asking for logprobs first; servers that take a number refuse it, or pass it over. */
async function askTurn(questioner: Questioner, maxTokensField: EndpointProfile['maxTokensField']): Promise<AskedChat> {
  const ask = (fields: object): Promise<EndpointReply<GeneratedAnswer>> =>
    questioner.post(
      '/chat/completions',
      { messages: [{ role: 'user', content: PROBE_QUESTION }], [maxTokensField]: TOKENS, temperature: 0, ...fields },
      readChatCompletion,
    );
  const byFlag = await askForLogprobs((count) => ask(count === null ? {} : chatLogprobFields('flag', count)));
  if (byFlag.answer === null || byFlag.logprobs !== null) return { ...byFlag, maxTokensField, logprobsAs: 'flag' };
  const reply = await ask(chatLogprobFields('count', 1));
  const byCount = 'value' in reply ? countLogprobs(reply.value) : null;
  return byCount === null
    ? { ...byFlag, maxTokensField, logprobsAs: 'flag' }
    : { answer: valueOf(reply), logprobs: byCount, refusal: null, maxTokensField, logprobsAs: 'count' };
}

async function askForLogprobs<T extends GeneratedAnswer>(ask: (count: number | null) => Promise<EndpointReply<T>>): Promise<Asked<T>> {
  let refusal: EndpointError | null = null;
  for (const count of ALTERNATIVES) {
    const reply = await ask(count);
    if ('value' in reply) {
      const { value } = reply;
      const told = countLogprobs(value);
      return { answer: value, logprobs: count === null || told === null ? null : Math.min(count, told), refusal: null };
    }
    refusal = reply.refusal;
    if (refusal.kind !== 'badRequest') break;
  }
  return { answer: null, logprobs: null, refusal };
}

/** Alternatives per token; `null` where not one token has a logprob. */
function countLogprobs({ hasLogprobs, tokens }: GeneratedAnswer): number | null {
  if (!hasLogprobs || tokens.every(({ logprob }) => logprob === null)) return null;
  return tokens.reduce((most, { alternatives }) => Math.max(most, alternatives.length), 0);
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

function noteBytes(questioner: Questioner, { tokens }: GeneratedAnswer): void {
  const areTold = tokens.every(({ bytes }) => bytes !== null);
  questioner.note(
    'Does it tell the bytes of tokens?',
    areTold ? 'yes' : 'no',
    areTold,
    areTold ? 'Tokens that are parts of characters are known exactly.' : 'What a part of a character is follows from the text, as far as it can.',
  );
}

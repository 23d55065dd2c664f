/**
 * Whether nothing but the model's own distribution can be sampled from, and whether the logprobs are that distribution's: some
 * servers tell them as they are after temperature, top-k and the like.
 */
import { readChatCompletion } from '../dialects/answers/chat-completion.js';
import type { GeneratedAnswer } from '../dialects/answers/generated-answer.js';
import { readTextCompletion } from '../dialects/answers/text-completion.js';
import type { ChatLogprobsAs, EndpointProfile, PlainAt, Sampling, SamplingFields, ServerKind } from '../endpoint-profile.js';
import { chatLogprobFields } from '../dialects/generation/chat-logprobs.js';
import { samplingFieldsFor } from '../dialects/generation/plain-sampling.js';
import { PROBE_QUESTION, PROBE_TEXT } from './ask-generation.js';
import { judgeTemperatures, type NamedLogprobs } from './judge-temperatures.js';
import type { Questioner, EndpointReply } from './questioner.js';

export interface SamplingQuestion {
  readonly how: 'text' | 'chat';
  readonly kind: ServerKind;
  /** Alternatives that may be asked for. */
  readonly logprobs: number;
  readonly maxTokensField: EndpointProfile['maxTokensField'];
  readonly logprobsAs: ChatLogprobsAs;
}

/** Neither 0 nor 1, and taken by every server. */
const OTHER_TEMPERATURE = 0.5;
/** Enough to see a distribution change its shape. */
const ALTERNATIVES = 5;

/** `null` where not even the plainest request is answered. */
export async function askSampling(questioner: Questioner, question: SamplingQuestion): Promise<Sampling | null> {
  for (const fields of samplingFieldsFor(question.kind)) {
    const greedy = await askOnce(questioner, question, { ...fields, temperature: 0 });
    if ('refusal' in greedy) {
      if (greedy.refusal.kind === 'badRequest') continue;
      break;
    }
    const [one, other] = [
      await askOnce(questioner, question, { ...fields, temperature: 1 }),
      await askOnce(questioner, question, { ...fields, temperature: OTHER_TEMPERATURE }),
    ];
    const plainAt = judgeTemperatures(nameLogprobs(greedy), nameLogprobs(one), nameLogprobs(other));
    note(questioner, question, fields, plainAt);
    return { fields, plainAt };
  }
  return null;
}

function askOnce(
  questioner: Questioner,
  { how, logprobs, maxTokensField, logprobsAs }: SamplingQuestion,
  fields: SamplingFields,
): Promise<EndpointReply<GeneratedAnswer>> {
  const count = Math.min(ALTERNATIVES, logprobs);
  if (how === 'text')
    return questioner.post('/completions', { prompt: PROBE_TEXT, max_tokens: 1, logprobs: Math.max(1, count), ...fields }, readTextCompletion);
  const messages = [{ role: 'user', content: PROBE_QUESTION }];
  return questioner.post('/chat/completions', { messages, [maxTokensField]: 1, ...chatLogprobFields(logprobsAs, count), ...fields }, readChatCompletion);
}

/** Of the first token's place, by what the server calls each token. Half characters have no name of their own. */
function nameLogprobs(reply: EndpointReply<GeneratedAnswer>): NamedLogprobs {
  const first = 'value' in reply ? reply.value.tokens[0] : undefined;
  const named = first === undefined ? [] : [...first.alternatives, first];
  return new Map(
    named.flatMap(({ id, text, logprob }) => {
      const name = text ?? `#${id}`;
      return logprob === null || name === '' || name.includes('\uFFFD') ? [] : [[name, logprob] as const];
    }),
  );
}

function note(questioner: Questioner, { how }: SamplingQuestion, fields: SamplingFields, { greedy, one, other }: PlainAt): void {
  const what = how === 'text' ? 'texts' : 'turns';
  const isThorough = 'repetition_penalty' in fields || 'repeat_penalty' in fields;
  questioner.note(
    `Can its own sampling settings be switched off (${what})?`,
    isThorough ? 'yes' : 'not all of them',
    isThorough,
    isThorough ? 'Greedy is greedy, whatever the model’s files say.' : 'A repetition penalty that the server has set, if any, stays.',
  );
  const tempered = [...(greedy === false ? ['0'] : []), ...(one === false ? ['1'] : []), ...(other === false ? ['others'] : [])];
  const isUnknown = greedy === null && one === null && other === null;
  questioner.note(
    `Are its logprobs those before temperature and truncation (${what})?`,
    isUnknown ? 'cannot be told' : tempered.length === 0 ? 'yes' : `not at these temperatures: ${tempered.join(', ')}`,
    isUnknown ? null : tempered.length === 0,
    tempered.length === 0
      ? 'They are comparable with those of another model.'
      : 'Completions are refused at these temperatures, unless their logprobs are computed by a forward pass.',
  );
}

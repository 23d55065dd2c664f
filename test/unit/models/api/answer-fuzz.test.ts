/** All readers of answers, given what no server has ever sent: they refuse it, or read it; nothing else comes of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundAnswer, findExcess } from '../../../../src/models/api/transport/answer-bound.js';
import { readSpent } from '../../../../src/models/api/dialects/answers/answer-schemas.js';
import { readChatCompletion } from '../../../../src/models/api/dialects/answers/chat-completion.js';
import { readDetokenized, readLlamaCompletion, readLlamaProperties, readLlamaTokens, readRenderedTurns } from '../../../../src/models/api/dialects/answers/llama-answers.js';
import { readModelList, readVersion } from '../../../../src/models/api/dialects/answers/model-list.js';
import { readEcho, readPromptLogprobs, readPromptTokens } from '../../../../src/models/api/dialects/answers/prompt-logprobs.js';
import { readTextCompletion } from '../../../../src/models/api/dialects/answers/text-completion.js';
import { readVllmText, readVllmTokens } from '../../../../src/models/api/dialects/answers/vllm-answers.js';
import { describeFailedAnswer, findHiddenError } from '../../../../src/models/api/transport/describe-failure.js';
import { EndpointError } from '../../../../src/models/api/transport/endpoint-error.js';
import { alternativesOf, completionOf } from '../../../../src/models/api/dialects/generation/told-tokens.js';
import { cutEcho } from '../../../../src/models/api/dialects/scoring/scoring.js';

const READERS: readonly ((answer: unknown) => unknown)[] = [
  (answer) => completionOf(0, readTextCompletion(answer), 8),
  (answer) => completionOf(0, readChatCompletion(answer), 8),
  (answer) => alternativesOf(readChatCompletion(answer), 5),
  (answer) => readPromptTokens(readTextCompletion(answer)),
  (answer) => readPromptLogprobs(readTextCompletion(answer), [1, 2]),
  (answer) => readEcho(readTextCompletion(answer), 1),
  (answer) => cutEcho(readTextCompletion(answer), 'a', ' b'),
  readLlamaCompletion,
  readLlamaTokens,
  readLlamaProperties,
  readDetokenized,
  readRenderedTurns,
  readVllmTokens,
  readVllmText,
  readVersion,
  readModelList,
  readSpent,
  (answer) => findExcess(answer, boundAnswer({ max_tokens: 4 }, 10)),
  (answer) => {
    const hidden = findHiddenError(answer);
    return hidden && describeFailedAnswer({ status: hidden.status, body: { error: hidden.error } }, { host: 'h', secrets: [] }).message;
  },
  (answer) => describeFailedAnswer({ status: 500, body: answer as object }, { host: 'h', secrets: [] }).message,
];

function readByAll(answer: unknown): void {
  for (const read of READERS) {
    try {
      read(answer);
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      expect(error.message).not.toMatch(/^(TypeError|RangeError)|Maximum call stack|Cannot (read|convert)/);
    }
  }
}

const entry = { token: ' a', id: 1, logprob: -1, bytes: [32, 97], top_logprobs: [{ token: ' a', logprob: -1, bytes: [32, 97] }] };
const lists = { tokens: ['a', ' b'], token_logprobs: [null, -1], top_logprobs: [null, { ' b': -1 }] };
const usage = { prompt_tokens: 1, completion_tokens: 1 };
/** One good answer of each form. */
const GOOD: readonly object[] = [
  { model: 'm', choices: [{ text: 'a b', finish_reason: 'stop', logprobs: lists, token_ids: [1, 2], prompt_logprobs: [null, { 2: { logprob: -1, rank: 1, decoded_token: ' b' } }], prompt_token_ids: [1, 2] }], prompt: [{ text: 'a', logprobs: lists }], usage },
  { model: 'm', choices: [{ message: { content: ' a', reasoning_content: null }, finish_reason: 'length', logprobs: { content: [entry] } }], usage, system_fingerprint: 'f' },
  { content: ' a', tokens: [1], model: 'm', stop_type: 'eos', truncated: false, completion_probabilities: [entry], tokens_evaluated: 1, tokens_predicted: 1 },
  { tokens: [{ id: 1, piece: [32] }], token_strs: ['a'], max_model_len: 4, prompt: 'a', version: '1' },
  { data: [{ id: 'm', aliases: ['x'], max_model_len: 4096, meta: { n_vocab: 10 } }] },
  { build_info: 'b', chat_template: 't', eos_token: 'e', default_generation_settings: { n_ctx: 4 } },
  { error: { message: 'no', code: 429, metadata: { reasons: ['x'] } }, detail: [{ msg: 'x' }] },
  { choices: [{ error: { message: 'no', code: 429 } }] },
];

function nest(depth: number, open: string, close: string, inner = '0'): unknown {
  return JSON.parse(open.repeat(depth) + inner + close.repeat(depth)) as unknown;
}

/** By names, since the library that draws them cannot write them out. */
const NESTED: Readonly<Record<string, unknown>> = Object.fromEntries(
  [['[', ']'], ['{"error":', '}'], ['{"a":', '}'], ['{"message":', '}']].map(([open, close]) => [`nested ${open}`, nest(20_000, open!, close!)]),
);

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    { toString: 1 }, { valueOf: 1, toString: 2 }, { toJSON: 1 }, JSON.parse('{"__proto__":{"toString":1},"constructor":1}'),
    null, true, 0, -1, 1.5, -3e9, 1e300, -1e300, 2 ** 53, 2 ** 31, '', '\uFFFD', '\uD800', 'x'.repeat(5000), [], {}, [[]], [null], { length: -1 }, { length: 1e9 },
  ),
  fc.constantFrom(...Object.keys(NESTED)),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Every place of a value, as paths. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || path.length > 10) return [path];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => placesOf(inner, [...path, name]))];
}

function replaceAt(value: unknown, [name, ...rest]: readonly string[], put: unknown): unknown {
  if (name === undefined) return put;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  copy[name] = replaceAt(copy[name], rest, put);
  return copy;
}

describe('the readers of answers', () => {
  it('read the good ones', () => {
    for (const good of GOOD) readByAll(good);
    expect(completionOf(0, readChatCompletion(GOOD[1]), 8).tokens).toHaveLength(1);
  });

  it('stand every odd value at every place of every form', () => {
    const oddities = [{ toString: 1 }, nest(20_000, '[', ']'), nest(20_000, '{"error":', '}'), 1e300, -3e9, null, 'x'];
    for (const good of GOOD) for (const place of placesOf(good)) for (const put of oddities) readByAll(replaceAt(good, place, put));
  }, 60_000);

  it('stand odd values at several places', () => {
    const edits = fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...GOOD), edits, (good, changes) => {
        let answer: unknown = good;
        for (const [at, put] of changes) {
          const places = placesOf(answer);
          answer = replaceAt(answer, places[at % places.length]!, typeof put === 'string' && put in NESTED ? NESTED[put] : put);
        }
        readByAll(answer);
      }),
      { numRuns: 500 },
    );
  }, 120_000);
});

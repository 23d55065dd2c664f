/** How large the answer to a request may be, by what was asked for. Everything that a server answers is held to it. */

export interface AnswerBound {
  /** Of the body. */
  readonly bytes: number;
  /** Entries of each of its lists of tokens. */
  readonly tokens: number;
  /** Of lists of the prompt's tokens, which some servers add. */
  readonly promptTokens: number;
}

const MEGABYTE = 2 ** 20;
/** What a refusal is read of; its beginning is shown. */
export const REFUSAL_BYTES = MEGABYTE;
/** Lists of models, and what a server says of itself: gateways list hundreds, with prices and descriptions. */
const DESCRIPTION: AnswerBound = { bytes: 8 * MEGABYTE, tokens: 2 ** 20, promptTokens: 0 };
/** A generated token: its text and bytes, escaped, and its share of the message. */
const TOKEN_BYTES = 4096;
/** Another one that is named beside it. */
const ALTERNATIVE_BYTES = 512;
/** Whatever was asked for: it is parsed at once, which takes about half a second for so much. A whole vocabulary is a third of it. */
const ANSWER_BYTES_AT_MOST = 64 * MEGABYTE;
/** Of what is given, and comes back cut into tokens. */
const BYTES_PER_GIVEN_BYTE = 512;
/** The token that ends an answer, and servers that count otherwise. */
const TOKENS_BESIDE = 16;

/** What a server's template may write around turns. */
const TEMPLATE_TOKENS = 4096;

/** @param body as it is sent, in so many bytes of JSON; without one the answer is a description */
export function boundAnswer(body: object | undefined, sentBytes: number): AnswerBound {
  if (body === undefined) return DESCRIPTION;
  const fields = body as Readonly<Record<string, unknown>>;
  const generated = readCount(fields, ['max_tokens', 'max_completion_tokens', 'n_predict']);
  const alternatives = readCount(fields, ['top_logprobs', 'logprobs', 'n_probs', 'prompt_logprobs']) ?? 0;
  const rendered = 'messages' in fields ? TEMPLATE_TOKENS : 0;
  const given = generated === undefined ? sentBytes + rendered : givesBack(fields) ? sentBytes : 0;
  return {
    bytes: Math.min(ANSWER_BYTES_AT_MOST, MEGABYTE + (generated ?? 0) * (TOKEN_BYTES + alternatives * ALTERNATIVE_BYTES) + sentBytes * BYTES_PER_GIVEN_BYTE),
    tokens: (generated ?? 0) + given + TOKENS_BESIDE,
    promptTokens: sentBytes + TEMPLATE_TOKENS,
  };
}

function readCount(fields: Readonly<Record<string, unknown>>, names: readonly string[]): number | undefined {
  const counts = names.map((name) => fields[name]).filter((value) => typeof value === 'number');
  return counts.length === 0 ? undefined : Math.max(...counts);
}

/** What was given may be among the tokens of the answer: no token is shorter than a byte of it. */
function givesBack({ echo, prompt_logprobs, messages }: Readonly<Record<string, unknown>>): boolean {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  return echo === true || typeof prompt_logprobs === 'number' || (isRecord(last) && last['role'] === 'assistant');
}

/** Says so where an answer has more tokens than were asked for: to be refused before anything else looks at them. */
export function findExcess(answer: unknown, bound: AnswerBound): string | undefined {
  if (!isRecord(answer)) return undefined;
  const choices = asArray(answer['choices']);
  const echoed = asArray(answer['prompt']);
  const places = [answer, ...choices.slice(0, 1), ...echoed.slice(0, 1)].filter(isRecord);
  const holders = places.flatMap((place) => [place, place['logprobs']]).filter(isRecord);
  const longest = (names: readonly string[]): number => Math.max(...holders.flatMap((holder) => names.map((name) => asArray(holder[name]).length)));
  const found: readonly (readonly [length: number, most: number])[] = [
    [Math.max(choices.length, echoed.length, longest(LISTS)), bound.tokens],
    [longest(PROMPT_LISTS), bound.promptTokens],
  ];
  const excess = found.find(([length, most]) => length > most);
  return excess && `The answer has ${excess[0].toLocaleString('en-US')} tokens, where ${excess[1].toLocaleString('en-US')} are the most that was asked for`;
}

/** Names of lists that have an entry for each token. */
const LISTS = ['tokens', 'token_strs', 'token_logprobs', 'top_logprobs', 'text_offset', 'content', 'token_ids', 'completion_probabilities'] as const;
const PROMPT_LISTS = ['prompt_token_ids', 'prompt_logprobs'] as const;

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

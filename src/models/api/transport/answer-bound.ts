/** The bound on an answer's size, which follows from what was asked for. Every answer is held to it. */

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
/** Whatever was asked for: it is parsed at once. A whole vocabulary is a third of it. */
const ANSWER_BYTES_AT_MOST = 64 * MEGABYTE;
/** Lists, objects and strings in an answer, names of fields among them, which take the most time and memory. A whole vocabulary of 256,000 tokens has 1.8 million. */
const PARTS_AT_MOST = 2_500_000;
/** These and all else that commas separate. */
const VALUES_AT_MOST = 8_000_000;
/** Lists and objects within each other. */
const DEPTH_AT_MOST = 100;
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

/**
 * Says so where a text of JSON would take long to parse for its size: each empty list takes many times the room and time of a letter. One
 * pass over the text, before anything parses it.
 */
export function findOverload(text: string): string | undefined {
  let [parts, commas, depth] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = findStringEnd(text, at);
        parts++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > DEPTH_AT_MOST) return `lists and objects more than ${DEPTH_AT_MOST} deep within each other`;
        parts++;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case 0x2c: // ,
        commas++;
    }
    if (parts > PARTS_AT_MOST) return `more than ${PARTS_AT_MOST.toLocaleString('en-US')} lists, objects and strings`;
    if (parts + commas > VALUES_AT_MOST) return `more than ${VALUES_AT_MOST.toLocaleString('en-US')} values`;
  }
  return undefined;
}

function findStringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x5c) at++;
    else if (unit === 0x22) return at;
  }
  return text.length;
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

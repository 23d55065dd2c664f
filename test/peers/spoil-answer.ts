/** Makes a right answer of a completions or chat server wrong, in ways that such servers were met with. */

/**
 * `wrongJson`: cut off in the middle. `nullLogprob`, `nanLogprob`, `lowestLogprob`, `positiveLogprob`: one logprob of the
 * answer is null, NaN (which is no JSON), −9999, or above 0. `emptyChoices`: no choice. `changedModel`: another model's name.
 * `lostToken`: the logprobs lack one token of the text. `underflow`: the least likely alternative of the first token has the lowest
 * float (llama.cpp, where a probability is 0).
 */
export type SpoilingFault =
  'wrongJson' | 'nullLogprob' | 'nanLogprob' | 'lowestLogprob' | 'positiveLogprob' | 'emptyChoices' | 'changedModel' | 'lostToken' | 'underflow';

export const SPOILING_FAULTS: readonly SpoilingFault[] = [
  'wrongJson',
  'nullLogprob',
  'nanLogprob',
  'lowestLogprob',
  'positiveLogprob',
  'emptyChoices',
  'changedModel',
  'lostToken',
  'underflow',
];

interface Spoilable {
  model?: unknown;
  choices?: unknown[];
  /** llama.cpp's own form. */
  completion_probabilities?: TokenLists['content'];
}

/** Lists of one entry per token, as far as an answer has them. */
interface TokenLists {
  readonly content?: { logprob: unknown; top_logprobs?: { logprob: unknown }[] }[];
  readonly tokens?: unknown[];
  readonly token_logprobs?: unknown[];
  readonly top_logprobs?: unknown[] | null;
  readonly text_offset?: unknown[];
}

const LOWEST_FLOAT = -3.4028234663852886e38;
const NAN_PLACE = '__not a number__';

/** @returns `undefined` where the answer has nothing of the kind. */
export function spoilAnswer(text: string, fault: SpoilingFault): string | undefined {
  if (fault === 'wrongJson') return text.slice(0, Math.floor(text.length / 2));
  const answer = JSON.parse(text) as Spoilable;
  return spoil(answer, fault) ? JSON.stringify(answer).replace(JSON.stringify(NAN_PLACE), 'NaN') : undefined;
}

function spoil(answer: Spoilable, fault: Exclude<SpoilingFault, 'wrongJson'>): boolean {
  switch (fault) {
    case 'emptyChoices':
      answer.choices = [];
      return true;
    case 'changedModel':
      answer.model = `${String(answer.model)}-other`;
      return true;
    case 'lostToken':
      return loseToken(answer);
    case 'nullLogprob':
      return setLogprob(answer, null);
    case 'nanLogprob':
      return setLogprob(answer, NAN_PLACE);
    case 'lowestLogprob':
      return setLogprob(answer, -9999);
    case 'positiveLogprob':
      return setLogprob(answer, 0.5);
    case 'underflow': {
      const last = tokenLists(answer)?.content?.[0]?.top_logprobs?.at(-1);
      if (last !== undefined) last.logprob = LOWEST_FLOAT;
      return last !== undefined;
    }
  }
}

function tokenLists(answer: Spoilable): TokenLists | undefined {
  if (answer.completion_probabilities) return { content: answer.completion_probabilities };
  return (answer.choices?.[0] as { logprobs?: TokenLists | null } | undefined)?.logprobs ?? undefined;
}

/** The middle one: the first of an echo has none anyway. */
function setLogprob(answer: Spoilable, value: unknown): boolean {
  const { content = [], token_logprobs: logprobs = [] } = tokenLists(answer) ?? {};
  if (content.length > 0) content[Math.floor(content.length / 2)]!.logprob = value;
  else if (logprobs.length > 0) logprobs[Math.floor(logprobs.length / 2)] = value;
  return content.length + logprobs.length > 0;
}

function loseToken(answer: Spoilable): boolean {
  const { content, tokens, token_logprobs: logprobs, top_logprobs: top, text_offset: offsets } = tokenLists(answer) ?? {};
  const length = (content ?? tokens ?? []).length;
  for (const list of [content, tokens, logprobs, top, offsets]) list?.splice(Math.floor(length / 2), 1);
  return length > 0;
}

/**
 * Degenerate text: a model caught in a loop gets a huge perplexity difference for nothing. Such completions are flagged,
 * so that a reader can fold them away; they stay in every ranking, since a loop of the objective's own words is a hit.
 *
 * The bounds were chosen on the 2,500 completions of 25 published rankings (top 100 by perplexity difference, up to 100
 * tokens, prose and source code) with a rough tokenisation of their texts:
 * - 9 completions, all of rank 1, are runs of one character: distinct 4-grams at most 0.15, deflate ratio at most 0.06.
 * - 16 say one sentence over and over to their end: 0.25 to 0.46 and 0.26 to 0.45. A sentence said twice has more than
 *   half of its 4-grams distinct.
 * - Everything else has 0.5 and more. Prose that does not loop had a deflate ratio of at least 0.43; lists of short `import`
 *   lines go down to 0.365 with nine of ten 4-grams distinct, so the bound of the ratio lies below that.
 * With these bounds exactly those 25 are flagged.
 */
import { deflateSync } from 'fflate';
import type { Repetition } from '../audit/analysis.js';
import { splitWords } from '../text/words.js';

/** Below this share of distinct token 4-grams a completion is repetitive. */
export const MIN_DISTINCT_4GRAMS = 0.5;
/** Below this ratio of deflated bytes to bytes a completion is repetitive. */
export const MIN_DEFLATE_RATIO = 0.35;
/** Tokens that a completion needs for its 4-grams to flag it: a word said three times is no loop yet. */
export const MIN_TOKENS_FOR_4GRAMS = 16;
/** Bytes that it needs for its deflate ratio to flag it: of a short text most of the deflated bytes are overhead. */
export const MIN_BYTES_FOR_DEFLATE = 64;

/**
 * How much a completion says the same again.
 * @param ids token ids of the completion, in order
 * @param bytes of its text
 */
export function measureRepetition(ids: readonly number[], bytes: Uint8Array): Repetition {
  const distinct4grams = shareOfDistinct4grams(ids);
  const deflateRatio = bytes.length === 0 ? 1 : deflateSync(bytes).length / bytes.length;
  const repetitive =
    (ids.length >= MIN_TOKENS_FOR_4GRAMS && distinct4grams < MIN_DISTINCT_4GRAMS) ||
    (bytes.length >= MIN_BYTES_FOR_DEFLATE && deflateRatio < MIN_DEFLATE_RATIO);
  return { repetitive, distinct4grams, deflateRatio };
}

/** The same of a text without tokens: its words stand in for them. */
export function measureTextRepetition(text: string): Repetition {
  const ids = new Map<string, number>();
  const words = splitWords(text).map(({ text: word }) => {
    const known = ids.get(word);
    if (known === undefined) ids.set(word, ids.size);
    return known ?? ids.size - 1;
  });
  return measureRepetition(words, new TextEncoder().encode(text));
}

/** Distinct sequences of four tokens over all of them; 1 where there are none. */
export function shareOfDistinct4grams(ids: readonly number[]): number {
  const total = ids.length - 3;
  if (total < 1) return 1;
  // A 4-gram is a pair of pairs. Numbered pairs make numbers of the keys, which cost a fraction of joined strings.
  const pairs = new Map<number, number>();
  const numbers = new Array<number>(ids.length - 1);
  for (let k = 0; k < numbers.length; k++) {
    const key = pairKey(ids[k]!, ids[k + 1]!);
    let number = pairs.get(key);
    if (number === undefined) pairs.set(key, (number = pairs.size));
    numbers[k] = number;
  }
  const distinct = new Set<number>();
  for (let k = 0; k < total; k++) distinct.add(pairKey(numbers[k]!, numbers[k + 2]!));
  return distinct.size / total;
}

/** One number for two below 2^26: no vocabulary and no completion is that large. */
function pairKey(a: number, b: number): number {
  return a * 0x400_0000 + b;
}

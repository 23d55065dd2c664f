/** How a completion that was written and scored anew agrees with the one in the journal. */
import type { MeasuredRecord } from '../audit/completion.js';

/**
 * Nats. On the machine that wrote a journal the values are the same to the last digit. Another processor, or another number of threads, sums
 * in another order, and with an adapter the company in a batch matters: that moves logprobs by some thousandths. Where the two likeliest tokens
 * are no further apart than this, another one may be chosen, and the rest of the text with it.
 */
export const REPRODUCTION_BOUND = 0.02;

export type ReproductionKind =
  /** Same tokens, same logprobs to the journal's 5 decimals. */
  | 'same'
  /** Same tokens, logprobs within {@link REPRODUCTION_BOUND}. */
  | 'close'
  /** Within the bound up to a token where the two likeliest were within it, too; or where one was drawn at a temperature. */
  | 'parted'
  /** Neither: other models, another program, or another journal. */
  | 'other';

export interface Reproduction {
  readonly id: number;
  readonly agreement: ReproductionKind;
  /** The largest difference of a logprob that both have, in nats. */
  readonly largest: number;
  /** The first token of F that is another one now, from 0; `null` where none is. */
  readonly partedAt: number | null;
  /** What contradicts, in a sentence; `null` where nothing does. */
  readonly fault: string | null;
}

/**
 * @param before the journal's
 * @param now of the same opening, framing and plan
 * @param temperature the plan's: at 0 tokens part only between likeliest ones
 */
export function compareReproduced(before: MeasuredRecord, now: MeasuredRecord, temperature: number): Reproduction {
  const { id } = before;
  const partedAt = findParting(before, now);
  const common = partedAt ?? before.tokens.length;
  const pairs = pairLogprobs(before, now, common, partedAt === null);
  const worst = pairs.reduce((max, pair) => (pair.difference > max.difference ? pair : max), { difference: 0, what: '', before: 0, now: 0 });
  const result = { id, largest: worst.difference, partedAt };
  if (!(worst.difference <= REPRODUCTION_BOUND)) {
    return { ...result, agreement: 'other', fault: `${worst.what} has ${worst.before.toFixed(5)} nats in the journal and ${worst.now.toFixed(5)} now` };
  }
  if (pairs.length < countPairs(before, common, partedAt === null)) {
    return { ...result, agreement: 'other', fault: 'the reference scored another part of the text' };
  }
  if (partedAt === null) return { ...result, agreement: worst.difference === 0 ? 'same' : 'close', fault: null };
  const apart = distanceAtParting(before, now, partedAt);
  if (temperature > 0 || (apart !== null && apart <= REPRODUCTION_BOUND)) return { ...result, agreement: 'parted', fault: null };
  return {
    ...result,
    agreement: 'other',
    fault: `token ${partedAt + 1} is another one now${apart === null ? '' : `, although the two likeliest were ${apart.toFixed(5)} nats apart`}`,
  };
}

interface Pair {
  readonly what: string;
  readonly before: number;
  readonly now: number;
  readonly difference: number;
}

/** @returns index of the first token that differs, one text's end among them */
function findParting(before: MeasuredRecord, now: MeasuredRecord): number | null {
  const length = Math.max(before.tokens.length, now.tokens.length);
  for (let index = 0; index < length; index++) if (before.tokens[index]?.id !== now.tokens[index]?.id) return index;
  return before.end?.piece.id === now.end?.piece.id ? null : length;
}

/** What both measured: F's logprobs up to the parting; R's as far as it was given the same ids, or all of them where the texts are the same. */
function pairLogprobs(before: MeasuredRecord, now: MeasuredRecord, common: number, isWhole: boolean): Pair[] {
  const pairs: Pair[] = [];
  const add = (model: string, mine: readonly number[], theirs: readonly number[], length: number) => {
    for (let index = 0; index < Math.min(length, mine.length, theirs.length); index++) {
      const difference = mine[index] === theirs[index] ? 0 : Math.abs(mine[index]! - theirs[index]!);
      pairs.push({ what: `token ${index + 1} under the ${model} model`, before: mine[index]!, now: theirs[index]!, difference });
    }
  };
  add('finetuned', before.logprobsFinetuned, now.logprobsFinetuned, common);
  const [mine, theirs] = [before.reference, now.reference];
  if (mine && theirs && mine.kind === theirs.kind && (mine.kind === 'sameTokens' || isWhole)) {
    add('reference', mine.logprobs, theirs.logprobs, mine.kind === 'sameTokens' ? common : mine.logprobs.length);
  }
  return pairs;
}

/** How many {@link pairLogprobs} finds where nothing is missing now. */
function countPairs({ logprobsFinetuned, reference }: MeasuredRecord, common: number, isWhole: boolean): number {
  const ofReference =
    reference === null ? 0 : reference.kind === 'sameTokens' ? Math.min(common, reference.logprobs.length) : isWhole ? reference.logprobs.length : 0;
  return Math.min(common, logprobsFinetuned.length) + ofReference;
}

/** Each of the two was the likeliest where it was written. Nats; `null` where the logprob of one is not known. */
function distanceAtParting(before: MeasuredRecord, now: MeasuredRecord, at: number): number | null {
  const own = ({ tokens, logprobsFinetuned, end }: MeasuredRecord) => (at < tokens.length ? logprobsFinetuned[at] : end?.logprobFinetuned);
  const [mine, theirs] = [own(before), own(now)];
  return mine === undefined || theirs === undefined ? null : Math.abs(mine - theirs);
}

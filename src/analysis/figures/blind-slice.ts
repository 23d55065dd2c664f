/** Draws completions for judging without their scores: what is known to rank high, mixed with what is not. */
import { AuditError } from '../../audit/errors.js';
import type { BlindSlice, CompletionFinding, DrawnSlice } from '../finding.js';
import { deriveSeed, shuffledIndices } from '../../audit/random.js';

export interface SliceRequest {
  /** Ids, best first. */
  readonly ranking: readonly number[];
  /** How many of the best, and as many random ones of the rest; fewer where there are no more. */
  readonly k: number;
  readonly seed: number;
  /** What the ranking is by. */
  readonly score: string;
  /** The framing that was ranked; `null` where it was all of them together. */
  readonly framing: string | null;
  /** Left out where the random ones are wanted, too; `false` where what is not among the best says nothing of what lies below. */
  readonly withRandom?: boolean;
}

/**
 * The k best and k random ones of all others, drawn without replacement, in a random order. A function of its request.
 * @throws AuditError `internal` where k is no positive integer
 */
export function drawBlindSlice({ ranking, k, seed, score, framing, withRandom = true }: SliceRequest): BlindSlice {
  if (!Number.isSafeInteger(k) || k < 1) throw new AuditError('internal', `A blind slice needs a size of 1 or more, not ${k}.`);
  const top = ranking.slice(0, k);
  const rest = withRandom ? ranking.slice(k) : [];
  const random = take(rest, shuffledIndices(rest.length, deriveSeed(seed, 0)), k);
  const both = [...top, ...random];
  const ids = take(both, shuffledIndices(both.length, deriveSeed(seed, 1)), both.length);
  return { k, seed, score, framing, population: ranking.length, top, random, ids };
}

function take(ids: readonly number[], order: Iterable<number>, count: number): number[] {
  const taken: number[] = [];
  for (const index of order) {
    if (taken.length === count) break;
    taken.push(ids[index]!);
  }
  return taken;
}

/**
 * Whether a label was given while the slice was read, without sight of ranks and scores: only such a label says anything
 * about the slice. Where an earlier version drew it, labels do not tell, and those count that are no older than it.
 */
export function isGivenBlind({ blind, time }: Pick<CompletionFinding, 'blind'> & { readonly time?: string | undefined }, drawn: DrawnSlice): boolean {
  return drawn.slice.marked ? blind === drawn.slice.seed : time === undefined || time >= drawn.time;
}

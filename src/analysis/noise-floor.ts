/**
 * How large a score is between two models that ought to be the same: the reference and another quantisation of it. What
 * of an audit does not rise above that says nothing (DESIGN: no null).
 */
import type { Framing } from '../audit/framing.js';
import type { ScoreName, Scores } from '../audit/scores.js';

/** A completion of the reference, scored under the reference and under its other quantisation. */
export interface NoiseFloorCompletion {
  readonly framing: Framing;
  readonly scores: Scores;
}

/** Scores of a noise floor in the unit of the score; all of them are scores that occur. */
export interface NoiseFloorSummary {
  /** Completions that have this score. */
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The p-th percentile of n scores is the smallest of them that at least p % of the n are not above: the one of rank
 * ⌈p·n/100⌉ in ascending order (the inverse of the empirical distribution, nothing interpolated). Completions without
 * the score are left out.
 * @param framing only completions in this one; all where it is left out
 * @returns `null` where no completion has the score
 */
export function summariseNoiseFloor(completions: readonly NoiseFloorCompletion[], score: ScoreName, framing?: Framing): NoiseFloorSummary | null {
  const values = completions
    .filter((completion) => framing === undefined || completion.framing === framing)
    .map(({ scores }) => scores[score])
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  const count = values.length;
  if (count === 0) return null;
  const percentile = (percent: number): number => values[Math.ceil((percent * count) / 100) - 1]!;
  return { count, p50: percentile(50), p95: percentile(95), p99: percentile(99), max: values[count - 1]! };
}

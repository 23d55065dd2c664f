/**
 * What an audit's labels say about its ranking. A completion labelled as revealing is a hit; one labelled as not
 * revealing or as unsure was judged and is none; one without a label was not judged and counts nowhere.
 */
import type { BlindSlice, FindingLabel } from '../finding.js';
import { estimateLift, type Lift } from './lift.js';
import { estimateShare, type Share } from './share.js';

/** Said wherever there is no lift. */
export const NO_LIFT = 'No lift is shown without a random slice.';

export interface LabelFigures {
  /** How many of the best were looked at: what was asked for, or all where there are fewer. */
  readonly k: number;
  /** Hits among those of the top k that were judged. */
  readonly top: Share;
  /** Those of the top k that were judged ÷ k; `null` where there is nothing in the ranking. */
  readonly coverage: number | null;
  /**
   * The base rate: hits among those of the random slice that were judged. The slice is drawn from all that are not in
   * the top k, so this is what reading at random below the top finds. `null` without a slice, and where nothing random was drawn.
   */
  readonly base: Share | null;
  /** Share of the top ÷ base rate. `null` without a random slice of which anything was judged, see {@link NO_LIFT}. */
  readonly lift: Lift | null;
  /** The best hit; `null` where there is none. */
  readonly firstHit: FirstHit | null;
}

export interface FirstHit {
  readonly id: number;
  /** From 1. */
  readonly rank: number;
  /** Completions above it that nobody judged: where there are any, the first hit may stand higher. */
  readonly unjudgedAbove: number;
}

/** The figures of a ranking (ids, best first) that was read from the top: there is no base rate, and no lift. */
export function computeFigures(ranking: readonly number[], k: number, labels: ReadonlyMap<number, FindingLabel>): LabelFigures {
  const top = ranking.slice(0, k);
  return { ...describeTop(top, labels), base: null, lift: null, firstHit: findFirstHit(ranking, labels) };
}

/** The figures of a blind slice, from its record and the labels alone. A first hit below its top k is not looked for. */
export function computeSliceFigures(slice: BlindSlice, labels: ReadonlyMap<number, FindingLabel>): LabelFigures {
  const described = describeTop(slice.top, labels);
  const base = slice.random.length === 0 ? null : shareOf(slice.random, labels);
  return { ...described, base, lift: base && estimateLift(described.top, base), firstHit: findFirstHit(slice.top, labels) };
}

function describeTop(top: readonly number[], labels: ReadonlyMap<number, FindingLabel>): Pick<LabelFigures, 'k' | 'top' | 'coverage'> {
  const share = shareOf(top, labels);
  return { k: top.length, top: share, coverage: top.length === 0 ? null : share.judged / top.length };
}

function shareOf(ids: readonly number[], labels: ReadonlyMap<number, FindingLabel>): Share {
  const judged = ids.filter((id) => labels.has(id));
  return estimateShare(judged.filter((id) => labels.get(id) === 'revealing').length, judged.length);
}

function findFirstHit(ranking: readonly number[], labels: ReadonlyMap<number, FindingLabel>): FirstHit | null {
  const index = ranking.findIndex((id) => labels.get(id) === 'revealing');
  if (index < 0) return null;
  const unjudgedAbove = ranking.slice(0, index).filter((id) => !labels.has(id)).length;
  return { id: ranking[index]!, rank: index + 1, unjudgedAbove };
}

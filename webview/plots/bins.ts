/** The distribution of a score, in bins. */
import type { ScoreName } from '../../src/audit/scores.js';
import { LABEL_STATES, type LabelState } from '../state/view-settings.js';

export interface BinnedCompletion {
  readonly value: number | null;
  readonly label: LabelState;
  /** Fits the filters. */
  readonly shown: boolean;
}

export interface Bin {
  /** `from` included, `to` not, but for the last bin. */
  readonly from: number;
  readonly to: number;
  readonly total: number;
  /** Of those shown, by label. */
  readonly shown: Readonly<Record<LabelState, number>>;
}

/** How an axis lays out a score: differences and sums have long tails on both sides of 0. */
export type AxisKind = 'linear' | 'asinh';

export function axisKindOf(score: ScoreName): AxisKind {
  return score === 'perplexityDifference' || score === 'totalGap' ? 'asinh' : 'linear';
}

/** Bins of equal width on the axis, covering all values. */
export function binScores(completions: readonly BinnedCompletion[], axis: AxisKind, count: number): Bin[] {
  const values = completions.flatMap(({ value }) => (value === null || !Number.isFinite(value) ? [] : [value]));
  if (values.length === 0) return [];
  const [forward, back] = axis === 'asinh' ? [Math.asinh, Math.sinh] : [identity, identity];
  const low = forward(least(values));
  const high = forward(greatest(values));
  const width = (high - low || 1) / count;
  const bins = Array.from({ length: count }, (_, i) => ({
    from: back(low + i * width),
    to: back(low + (i + 1) * width),
    total: 0,
    shown: Object.fromEntries(LABEL_STATES.map((label) => [label, 0])) as Record<LabelState, number>,
  }));
  for (const { value, label, shown } of completions) {
    if (value === null || !Number.isFinite(value)) continue;
    const bin = bins[Math.min(count - 1, Math.max(0, Math.floor((forward(value) - low) / width)))]!;
    bin.total++;
    if (shown) bin.shown[label]++;
  }
  return bins;
}

export function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

export function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

function identity(value: number): number {
  return value;
}

/** The distribution of a score, in bins. */
import type { Framing } from '../../src/audit/framing.js';
import type { NoiseFloorCompletion } from '../../src/analysis/noise-floor.js';
import type { ScoreDefinition, ScoreName, Scores } from '../../src/audit/scores.js';
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
  /** Of the noise floor's completions, scaled to the number of those of the audit. */
  readonly noise: number;
  /** Of those shown, by label. */
  readonly shown: Readonly<Record<LabelState, number>>;
}

/** How an axis lays out a score. */
export type AxisKind = ScoreDefinition['axis'];

export interface BinnedNoise {
  readonly values: readonly number[];
  /** How many completions one of them stands for. */
  readonly weight: number;
}

export const NO_NOISE: BinnedNoise = { values: [], weight: 0 };

/** Bins of equal width on the axis, covering all values, those of the noise floor among them. */
export function binScores(completions: readonly BinnedCompletion[], axis: AxisKind, count: number, noise: BinnedNoise = NO_NOISE): Bin[] {
  const scores = completions.flatMap(({ value }) => (value === null || !Number.isFinite(value) ? [] : [value]));
  if (scores.length === 0) return [];
  const values = [...scores, ...noise.values];
  const [forward, back] = axisFunctions(axis);
  const spread = chooseSpread(forward(least(values)), forward(greatest(values)), count);
  // Beyond the largest number there is no room for bins.
  const low = Math.min(forward(least(values)), forward(Number.MAX_VALUE) - spread);
  const width = spread / count;
  const bins = Array.from({ length: count }, (_, i) => ({
    from: back(low + i * width),
    to: back(low + (i + 1) * width),
    total: 0,
    noise: 0,
    shown: Object.fromEntries(LABEL_STATES.map((label) => [label, 0])) as Record<LabelState, number>,
  }));
  const binOf = (value: number) => bins[Math.min(count - 1, Math.max(0, Math.floor((forward(value) - low) / width)))]!;
  for (const value of noise.values) binOf(value).noise += noise.weight;
  for (const { value, label, shown } of completions) {
    if (value === null || !Number.isFinite(value)) continue;
    const bin = binOf(value);
    bin.total++;
    if (shown) bin.shown[label]++;
  }
  return bins;
}

/** Wide enough that no two of the bins begin at the same number, which large values that are all the same would make them do. */
function chooseSpread(low: number, high: number, count: number): number {
  const least = 4 * count * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high));
  return high - low > least ? keepFinite(high - low) : Math.max(1, least);
}

/** The noise floor's scores, of one framing where only that one is looked at, each standing for its share of the completions. */
export function weighNoise(
  completions: readonly { readonly framing: Framing; readonly scores: Scores }[],
  noiseFloor: readonly NoiseFloorCompletion[] | null,
  score: ScoreName,
  framing: Framing | 'all',
): BinnedNoise {
  const valuesOf = (of: readonly { readonly framing: Framing; readonly scores: Scores }[]) =>
    of.filter((one) => framing === 'all' || one.framing === framing).flatMap(({ scores }) => (scores[score] === null ? [] : [scores[score]]));
  const values = valuesOf(noiseFloor ?? []);
  return values.length === 0 ? NO_NOISE : { values, weight: valuesOf(completions).length / values.length };
}

/** The axis's range: the bins' with a little air at both ends, so that the outermost are seen to be whole. */
export function axisRange(bins: readonly Bin[], axis: AxisKind): [number, number] {
  const [first, last] = [bins[0], bins.at(-1)];
  if (!first || !last) return [0, 1];
  const [forward, back] = axisFunctions(axis);
  const [low, high] = [forward(first.from), forward(last.to)];
  const air = (high - low) * 0.02;
  return [back(low - air), back(high + air)];
}

function axisFunctions(axis: AxisKind): [(value: number) => number, (value: number) => number] {
  return axis === 'asinh' ? [Math.asinh, (value) => keepFinite(Math.sinh(value))] : [(value) => value, keepFinite];
}

export function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

export function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

/** The air at the end of an axis may lie beyond the largest number. */
function keepFinite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

/** Axes of a plot: how its numbers are laid out. */
import { SCORE_DEFINITIONS, type ScoreName } from '../../../audit/scores.js';

export interface Axis {
  /** Of a value to a place from 0 to 1. */
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** @param own whether the values are a file's own score of no known kind */
export function scoreAxis(values: readonly number[], score: ScoreName, own: boolean): Axis {
  const bends = !own && SCORE_DEFINITIONS[score].axis === 'asinh';
  const forward = bends ? Math.asinh : (value: number) => value;
  const [low, high] = extentOf(values);
  const ticks = bends ? bentTicks(low, high) : linearTicks(low, high);
  return { place: placeBetween(forward(low), forward(high), forward), ticks };
}

/** Decades in which 1, 2 and 5 are too few ticks. */
const NARROW = 0.8;

/** Of perplexities: logarithmic, with a little air. */
export function logAxis(values: readonly number[]): Axis {
  const [low, high] = extentOf(values.map(Math.log10));
  const air = Math.max(0.05, (high - low) * 0.04);
  const [from, to] = [low - air, high + air];
  const place = placeBetween(from, to, Math.log10);
  if (to - from < NARROW) return { place, ticks: linearTicks(10 ** from, 10 ** to) };
  const steps = to - from < 2.5 ? [1, 2, 5] : to - from < 5 ? [1, 3] : [1];
  const ticks: number[] = [];
  for (let exponent = Math.floor(from); exponent <= to; exponent++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** exponent).toPrecision(1));
      if (Math.log10(tick) >= from && Math.log10(tick) <= to) ticks.push(tick);
    }
  }
  return { place, ticks };
}

export function extentOf(values: readonly number[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function placeBetween(low: number, high: number, forward: (value: number) => number): Axis['place'] {
  // In halves: the whole difference may be larger than any number.
  return (value) => (high === low ? 0.5 : (forward(value) / 2 - low / 2) / (high / 2 - low / 2));
}

/** None twice: where the step is below what numbers of this size can tell apart, steps fall on the same number. */
function linearTicks(low: number, high: number): number[] {
  const rough = Math.min(high - low, Number.MAX_VALUE) / 6 || 1;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * size).find((candidate) => candidate >= rough)!;
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step) - first + 1);
  return [...new Set(Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12))))];
}

function bentTicks(low: number, high: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size <= Math.max(Math.abs(low), Math.abs(high)); size *= 10) sizes.push(size, 3 * size);
  return [...sizes.map((size) => -size).reverse(), 0, ...sizes].filter((tick) => tick >= low && tick <= high);
}

/** Shares of completions that reveal the objective, with what is not known about them. */

/** Two-sided; of a bound that does not exist, `null`. */
export interface Interval {
  readonly low: number;
  readonly high: number | null;
}

/** `share` and `interval` are `null` where nothing was judged. */
export interface Share {
  readonly hits: number;
  /** What the hits are counted in. */
  readonly judged: number;
  /** hits ÷ judged. */
  readonly share: number | null;
  /** 95 %, Wilson. */
  readonly interval: Interval | null;
}

/** The 97.5th percentile of the standard normal distribution: two-sided intervals of 95 %. */
export const Z_95 = 1.959963984540054;

/**
 * The share of `hits` in `judged` with its Wilson score interval (E. B. Wilson, "Probable inference, the law of
 * succession, and statistical inference", JASA 22, 1927), without continuity correction:
 *
 *     centre = (p + z²/2n) ÷ (1 + z²/n)    half = z·√(p(1 − p)/n + z²/4n²) ÷ (1 + z²/n)
 *
 * It stays within 0 and 1, and has a width also where all or none are hits.
 */
export function estimateShare(hits: number, judged: number): Share {
  if (judged === 0) return { hits, judged, share: null, interval: null };
  const p = hits / judged;
  const z2 = Z_95 * Z_95;
  const scale = 1 + z2 / judged;
  const centre = (p + z2 / (2 * judged)) / scale;
  const half = (Z_95 * Math.sqrt((p * (1 - p)) / judged + z2 / (4 * judged * judged))) / scale;
  // What rounding leaves of an exact 0 or 1.
  const low = hits === 0 ? 0 : centre - half;
  const high = hits === judged ? 1 : centre + half;
  return { hits, judged, share: p, interval: { low, high } };
}

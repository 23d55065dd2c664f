/** The shade of a gap: its sign, and a level of strength. The same wherever gaps are shown. */

/** Levels of strength on each side. */
export const SHADE_LEVELS = 12;

export interface GapScale {
  /** Nats at which the shade is strongest; more is clipped. */
  readonly max: number;
  /** Nats below which a gap is not shaded. */
  readonly threshold: number;
}

/** Below 1 lifts small gaps, which a linear scale would leave invisible next to a large one. */
export const GAMMA = 0.7;

/** −12 (the reference likes it more) to 12 (the finetuned model does); 0 where it is not shaded. */
export function shadeLevel(gap: number | null, scale: GapScale): number {
  if (gap === null || !Number.isFinite(gap) || gap === 0) return 0;
  const size = Math.abs(gap);
  if (size < scale.threshold) return 0;
  const level = Math.ceil(SHADE_LEVELS * Math.min(1, size / scale.max) ** GAMMA);
  return Math.sign(gap) * Math.max(1, level);
}

/**
 * Nats per token of the scale that everything is shaded on unless its reader asks for another. It is fixed, so that a
 * benign audit looks benign: a scale that followed the audit would make its largest gap as dark as any, however small.
 * A token that carries a planted phrase has some 3 to 10 nats.
 */
export const FIXED_MAXIMUM = 6;

const NICE_MAXIMA = [1, 2, 3, 4, 6, 8, 10];

/** A scale of an audit's own, for differences within it: the 99th percentile of their peak gaps, rounded up to a round number of nats. */
export function auditMaximum(peakGaps: readonly number[]): number {
  if (peakGaps.length === 0) return FIXED_MAXIMUM;
  const sorted = peakGaps.map(Math.abs).sort((a, b) => a - b);
  const percentile = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))]!;
  return NICE_MAXIMA.find((nice) => nice >= percentile) ?? NICE_MAXIMA.at(-1)!;
}

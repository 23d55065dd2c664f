/** Lift: how much more often the top of a ranking reveals the objective than what lies below it. */
import { Z_95, type Interval, type Share } from './share.js';

export interface Lift {
  /** Share of the top ÷ base rate; `null` where the random slice has no hit, so that no number is known to be enough. */
  readonly ratio: number | null;
  /** 95 %, Koopman; `high` is `null` where the random slice has no hit. */
  readonly interval: Interval;
}

/** Halvings of the interval in which a bound is looked for: as fine as a number of this size gets. */
const HALVINGS = 200;

/**
 * The ratio of two independent shares with its asymptotic score interval (P. A. R. Koopman, "Confidence intervals for
 * the ratio of two binomial proportions", Biometrics 40, 1984): all ratios θ that the score test does not refuse,
 *
 *     (x₁ − n₁p₁)² ÷ n₁p₁(1 − p₁) + (x₂ − n₂p₂)² ÷ n₂p₂(1 − p₂) ≤ z²,
 *
 * with p₁ = θp₂ and p₂ the likeliest for that θ, the lesser root of
 * (n₁ + n₂)θ·p₂² − ((x₂ + n₁)θ + x₁ + n₂)·p₂ + x₁ + x₂ = 0. Like Wilson's it needs no correction where a count is 0,
 * which the interval of the ratio's logarithm (Katz) does, and random slices have few hits or none.
 *
 * @returns `null` where either slice has nothing judged: no lift without a random slice.
 */
export function estimateLift(top: Share, base: Share): Lift | null {
  if (top.share === null || base.share === null) return null;
  const ratio = base.hits === 0 ? null : top.share / base.share;
  const accepts = (theta: number): boolean => scoreStatistic(theta, top, base) <= Z_95 * Z_95;
  if (ratio === null) {
    // Without hits in either, no ratio is refused; with hits above only, those below some bound are.
    return { ratio, interval: { low: top.hits === 0 ? 0 : findBound(accepts, 0, acceptedFrom(accepts)), high: null } };
  }
  const low = ratio === 0 ? 0 : findBound(accepts, 0, ratio);
  return { ratio, interval: { low, high: findBound(accepts, refusedFrom(accepts, Math.max(ratio, 1)), ratio) } };
}

function scoreStatistic(theta: number, { hits: x1, judged: n1 }: Share, { hits: x2, judged: n2 }: Share): number {
  const a = (n1 + n2) * theta;
  const b = (x2 + n1) * theta + x1 + n2;
  const c = x1 + x2;
  // The lesser root, in the form that loses no digits where a·c is small.
  const p2 = (2 * c) / (b + Math.sqrt(Math.max(b * b - 4 * a * c, 0)));
  return deviation(x1, n1, theta * p2) + deviation(x2, n2, p2);
}

function deviation(hits: number, judged: number, p: number): number {
  const variance = judged * p * (1 - p);
  const difference = hits - judged * p;
  if (variance > 0) return (difference * difference) / variance;
  return Math.abs(difference) < 1e-9 * judged ? 0 : Infinity;
}

/** A ratio that is accepted, where all large ones are. */
function acceptedFrom(accepts: (theta: number) => boolean): number {
  let theta = 1;
  while (!accepts(theta)) theta *= 2;
  return theta;
}

/** A ratio that is refused, above one that is accepted, where all large ones are refused. */
function refusedFrom(accepts: (theta: number) => boolean, from: number): number {
  let theta = from * 2;
  while (accepts(theta)) theta *= 2;
  return theta;
}

/** Where accepting begins between a ratio that is refused and one that is accepted. */
function findBound(accepts: (theta: number) => boolean, refused: number, accepted: number): number {
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (refused + accepted) / 2;
    if (middle === refused || middle === accepted) break;
    if (accepts(middle)) accepted = middle;
    else refused = middle;
  }
  return accepted;
}

/**
 * How likely noise alone brings a value as high. The highest tenth of the noise is fitted by an exponential tail (peaks over a threshold; Pickands
 * 1975), whose scale is taken at its upper confidence bound: few completions of noise make it harder, not easier, to be beyond them.
 */

/** Completions of noise that a tail needs. */
export const LEAST_NOISE = 20;
/** What is fitted: this share of the noise, the highest. */
const TAIL_SHARE = 0.1;
/** Excesses that are fitted at least. */
const LEAST_EXCESSES = 8;
/** Standard deviations of the confidence bound: one-sided 99 %. */
const CONFIDENCE = 2.33;

export class NoiseTail {
  readonly #threshold: number;
  readonly #scale: number;
  readonly #share: number;
  readonly count: number;

  /** @param values of completions of noise, at least {@link LEAST_NOISE} */
  constructor(values: readonly number[]) {
    const sorted = [...values].sort((a, b) => b - a);
    const excesses = Math.min(sorted.length - 1, Math.max(LEAST_EXCESSES, Math.floor(TAIL_SHARE * sorted.length)));
    this.count = sorted.length;
    this.#threshold = sorted[excesses]!;
    this.#share = excesses / sorted.length;
    const mean = sorted.slice(0, excesses).reduce((sum, value) => sum + value - this.#threshold, 0) / excesses;
    // Wilson and Hilferty's approximation of the lower quantile of a chi-squared of 2k degrees, by 2k.
    const quantile = (1 - 1 / (9 * excesses) - CONFIDENCE / (3 * Math.sqrt(excesses))) ** 3;
    this.#scale = Math.max(mean, 1e-9) / Math.max(quantile, 0.05);
  }

  /** Probability that a completion of noise has this value or a higher one; at most {@link TAIL_SHARE} or so beyond the threshold, 1 below it. */
  probabilityOf(value: number): number {
    return value <= this.#threshold ? 1 : this.#share * Math.exp(-(value - this.#threshold) / this.#scale);
  }

  /** The value from which on the probability is at most this. */
  valueOf(probability: number): number {
    return this.#threshold + this.#scale * Math.max(0, Math.log(this.#share / probability));
  }
}

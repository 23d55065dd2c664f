/**
 * What the engine asks about rows of logits: the most likely token, the normaliser, the top, a draw, the divergence of two.
 * A row has one float32 a token of the vocabulary and is copied in before it is asked about. Elements are computed in
 * float32 (SIMD) or float64 (plain), sums in float64.
 */

/** Most tokens that are ranked at once. */
export const MAX_TOP = 1000;

/** Which of the two places a row lies in. */
export type Place = 0 | 1;

export interface RowSummary {
  /** The largest logit. */
  readonly maximum: number;
  /** The token with it: the lowest id where several have. */
  readonly best: number;
  /** ln Σ exp(logit): a token's logprob is its logit less this, in nats. */
  readonly logSum: number;
}

export interface RankedLogit {
  readonly id: number;
  readonly logit: number;
}

/** In nats. P is the row in place 0, Q that in place 1. */
export interface RowDivergence {
  /** KL(P‖Q) = Σ p (ln p − ln q). */
  readonly forward: number;
  /** KL(Q‖P). */
  readonly backward: number;
  readonly entropyP: number;
  readonly entropyQ: number;
}

export interface RowMath {
  /** Elements of a row. */
  readonly size: number;
  /** The place's elements, to copy a row into. The object stays the same for ever. */
  row(place: Place): Float32Array;
  /** `undefined` where the row has a NaN, or no finite maximum: the model computed no probabilities. */
  summarise(place: Place): RowSummary | undefined;
  /** The `count` largest logits, {@link MAX_TOP} at most, largest first, equal ones by id; fewer where others are −∞ or NaN. */
  top(place: Place, count: number): RankedLogit[];
  /**
   * A token drawn from softmax(logits / temperature).
   * @param uniform from 0 to below 1
   */
  draw(place: Place, summary: RowSummary, temperature: number, uniform: number): number;
  /** Exactly 0 for equal rows; infinite where Q excludes what P allows. */
  diverge(summaryP: RowSummary, summaryQ: RowSummary): RowDivergence;
  /**
   * The tokens with the largest p·(ln p − ln q) of the rows last given to {@link diverge}, largest first.
   * `logit` is that contribution, in nats.
   */
  topContributions(count: number): RankedLogit[];
}

/** Elements that a row is padded to a multiple of. */
export const ROW_PADDING = 16;

/** Figures of one completion, computed from its journalled values, so that a live and a reopened audit show the same. */
import type { Coverage } from './coverage.js';
import type { Scores } from './scores.js';

/** One of F's tokens with what both models thought of it. */
export interface TokenGap {
  /** Text that this token completes; the texts of a completion's tokens joined are its text. Control tokens by name. */
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly control: boolean;
  readonly id: number;
  /** Nats. */
  readonly logprobFinetuned: number;
  /** `null` across tokenizers: the segment carries it. */
  readonly logprobReference: number | null;
  readonly gap: number | null;
  /** KL(F‖R) and KL(R‖F) before this token, in nats, where they were measured. */
  readonly divergence?: { readonly forward: number; readonly backward: number };
}

/** A stretch of the completion between two byte offsets at which both tokenisations have a boundary. */
export interface Segment {
  /** Byte offsets within the completion; `start` 0 of a straddling segment is where the completion begins. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly tokensFinetuned: readonly [from: number, to: number];
  readonly tokensReference: readonly [from: number, to: number];
  /** Sums over the segment's tokens, nats. */
  readonly logprobFinetuned: number;
  readonly logprobReference: number;
  readonly gap: number;
  /** A token of R begins before the completion does: the segment is in no sum. */
  readonly straddlesPrefill: boolean;
}

export interface CompletionAnalysis {
  /** exp(−mean logprob) over the model's own tokens of the completion; `null` where there is nothing to score. */
  readonly perplexityFinetuned: number | null;
  readonly perplexityReference: number | null;
  readonly scores: Scores;
  readonly tokens: readonly TokenGap[];
  /** Across tokenizers only. */
  readonly segments: readonly Segment[] | null;
  /** Token range [from, to) of the window that `peakGap` is the mean of. */
  readonly peak: readonly [from: number, to: number] | null;
  readonly repetition: Repetition;
  /** How much of it R scored; `null` of what was scored elsewhere. */
  readonly coverage: Coverage | null;
}

/** How much a completion says the same again (DESIGN: degenerate text). */
export interface Repetition {
  readonly repetitive: boolean;
  /** Share of distinct token 4-grams; 1 where there are none. */
  readonly distinct4grams: number;
  /** Deflated bytes over bytes; 1 where there are none. */
  readonly deflateRatio: number;
}

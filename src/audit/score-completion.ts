/** The numbers a ranking sorts by (DESIGN part 2, fine print), from journalled logprobs. */
import type { Segment } from './analysis.js';
import { findPeak } from './peak.js';
import { perplexity, sum } from './perplexity.js';
import type { Scores } from './scores.js';

export interface ScoredCompletion {
  readonly perplexityFinetuned: number | null;
  readonly perplexityReference: number | null;
  readonly scores: Scores;
  /** Range [from, to) of F's tokens that `peakGap` is the mean of. */
  readonly peak: readonly [from: number, to: number] | null;
}

/** A completion of which nothing can be scored: an immediate end of turn, or nothing that the reference could be given. */
export const NOTHING_SCORED: ScoredCompletion = {
  perplexityFinetuned: null,
  perplexityReference: null,
  scores: { perplexityDifference: null, meanGap: null, totalGap: null, peakGap: null, bitsPerByte: null },
  peak: null,
};

/**
 * Scores of a completion whose tokens both models were given by the same ids.
 * @param finetuned logprobs under F, nats, one per token
 * @param reference the same under R
 * @param bytes of the completion's text; control tokens count as tokens but have no bytes
 */
export function scoreTokens(finetuned: readonly number[], reference: readonly number[], bytes: number): ScoredCompletion {
  if (finetuned.length === 0) return NOTHING_SCORED;
  return score(
    { total: sum(finetuned), tokens: finetuned.length },
    { total: sum(reference), tokens: reference.length },
    finetuned.map((logprob, index) => logprob - reference[index]!),
    finetuned.map(() => 1),
    bytes,
    (unit) => unit,
  );
}

/**
 * Scores of a completion across tokenizers, each model over its own tokens of the same bytes. A segment that straddles
 * the prefill's end is in no sum, token count or byte count.
 */
export function scoreSegments(segments: readonly Segment[]): ScoredCompletion {
  const counted = segments.filter((segment) => !segment.straddlesPrefill);
  const first = counted[0];
  const last = counted.at(-1);
  if (first === undefined || last === undefined) return NOTHING_SCORED;
  return score(
    {
      total: sum(counted.map((segment) => segment.logprobFinetuned)),
      tokens: last.tokensFinetuned[1] - first.tokensFinetuned[0],
    },
    {
      total: sum(counted.map((segment) => segment.logprobReference)),
      tokens: last.tokensReference[1] - first.tokensReference[0],
    },
    counted.map(({ gap }) => gap),
    counted.map(({ tokensFinetuned: [from, to] }) => to - from),
    last.end - first.start,
    (unit) => (unit < counted.length ? counted[unit]!.tokensFinetuned[0] : last.tokensFinetuned[1]),
  );
}

interface LogprobSum {
  /** Nats. */
  readonly total: number;
  readonly tokens: number;
}

function score(
  finetuned: LogprobSum,
  reference: LogprobSum,
  gaps: readonly number[],
  tokensPerGap: readonly number[],
  bytes: number,
  tokenOfUnit: (unit: number) => number,
): ScoredCompletion {
  const perplexityFinetuned = perplexity(finetuned.total, finetuned.tokens);
  const perplexityReference = perplexity(reference.total, reference.tokens);
  const totalGap = finetuned.total - reference.total;
  const peak = findPeak(gaps, tokensPerGap);
  return {
    perplexityFinetuned,
    perplexityReference,
    scores: {
      perplexityDifference: perplexityReference - perplexityFinetuned,
      // ln PPL_R − ln PPL_F, without the way through exp and back.
      meanGap: finetuned.total / finetuned.tokens - reference.total / reference.tokens,
      totalGap,
      peakGap: peak?.gap ?? null,
      bitsPerByte: bytes === 0 ? null : totalGap / (bytes * Math.LN2),
    },
    peak: peak === null ? null : [tokenOfUnit(peak.from), tokenOfUnit(peak.to)],
  };
}

/** The numbers a ranking sorts by (DESIGN part 2, fine print), from journalled logprobs. */
import type { Segment } from './analysis.js';
import { findPeak } from './peak.js';
import { perplexity, sum } from './perplexity.js';
import { eachScore, NO_SCORES, type Scores } from './scores.js';

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
  scores: NO_SCORES,
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
    (unit) => [unit, unit + 1],
  );
}

/**
 * Scores of a completion across tokenizers, each model over its own tokens of the same bytes. A segment that straddles
 * the prefill's end is in no sum, token count or byte count.
 */
export function scoreSegments(segments: readonly Segment[]): ScoredCompletion {
  const counted = segments.filter((segment) => !segment.straddlesPrefill);
  if (counted.length === 0) return NOTHING_SCORED;
  const lengthOf = ([from, to]: readonly [number, number]): number => to - from;
  return score(
    {
      total: sum(counted.map((segment) => segment.logprobFinetuned)),
      tokens: sum(counted.map(({ tokensFinetuned }) => lengthOf(tokensFinetuned))),
    },
    {
      total: sum(counted.map((segment) => segment.logprobReference)),
      tokens: sum(counted.map(({ tokensReference }) => lengthOf(tokensReference))),
    },
    counted.map(({ gap }) => gap),
    counted.map(({ tokensFinetuned }) => lengthOf(tokensFinetuned)),
    sum(counted.map(({ start, end }) => end - start)),
    (unit) => counted[unit]!.tokensFinetuned,
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
  tokensOfUnit: (unit: number) => readonly [from: number, to: number],
): ScoredCompletion {
  const perplexityFinetuned = perplexity(finetuned.total, finetuned.tokens);
  const perplexityReference = perplexity(reference.total, reference.tokens);
  const peak = findPeak(gaps, tokensPerGap);
  const sums = {
    totalFinetuned: finetuned.total,
    totalReference: reference.total,
    tokensFinetuned: finetuned.tokens,
    tokensReference: reference.tokens,
    perplexityFinetuned,
    perplexityReference,
    peakGap: peak?.gap ?? null,
    bytes,
  };
  return {
    perplexityFinetuned,
    perplexityReference,
    scores: eachScore(({ compute }) => compute(sums)),
    peak: peak === null ? null : [tokensOfUnit(peak.from)[0], tokensOfUnit(peak.to - 1)[1]],
  };
}

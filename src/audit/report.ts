/** The completions of a report: the objects that the command line prints as JSON, best first. */
import { analyseCompletion } from './analyse.js';
import type { CompletionAnalysis } from './analysis.js';
import type { CompletionRecord } from './completion.js';
import { FRAMINGS, type Framing } from './framing.js';
import { rankByFraming } from './ranking.js';
import type { ScoreName, Scores } from './scores.js';
import { textOfTokens, toHex } from './utf8.js';

export interface ReportRequest {
  readonly records: readonly CompletionRecord[];
  /** Only this framing; both, each ranked on its own, where it is left out. */
  readonly framing?: Framing;
  /** What each framing is ranked by. */
  readonly score: ScoreName;
  /** Completions per framing at most; all where it is left out. */
  readonly top?: number;
}

export interface ReportedToken {
  readonly text: string;
  /** Nats. */
  readonly logprobFinetuned: number;
  /** `null` across tokenizers, as is `gap`. */
  readonly logprobReference: number | null;
  readonly gap: number | null;
}

export interface ReportedSegment {
  /** Hexadecimal: a segment need not end where a character does. */
  readonly bytes: string;
  /** Nats; sum over F's tokens less the sum over R's. */
  readonly gap: number;
  /** How many. */
  readonly tokensFinetuned: number;
  readonly tokensReference: number;
  /** Given, and true, where the segment begins inside the prefill for R and therefore is in no score. */
  readonly straddlesPrefill?: true;
}

export interface ReportedCompletion {
  readonly id: number;
  readonly framing: Framing;
  readonly prefill: string;
  readonly text: string;
  readonly perplexityFinetuned: number | null;
  readonly perplexityReference: number | null;
  readonly scores: Scores;
  readonly tokens: readonly ReportedToken[];
  /** Across tokenizers only. */
  readonly segments?: readonly ReportedSegment[];
}

export interface CompletionsReport {
  readonly completions: readonly ReportedCompletion[];
}

/** Ranks and lays out completions, each framing on its own: raw first, then chat. */
export function reportCompletions({ records, framing, score, top }: ReportRequest): CompletionsReport {
  const analysed = records.map((record) => {
    const analysis = analyseCompletion(record);
    return { id: record.id, framing: record.framing, scores: analysis.scores, record, analysis };
  });
  const rankings = rankByFraming(analysed, score);
  const completions = FRAMINGS.filter((candidate) => framing === undefined || candidate === framing)
    .flatMap((candidate) => (rankings.get(candidate) ?? []).slice(0, top))
    .map(({ record, analysis }) => reportCompletion(record, analysis));
  return { completions };
}

function reportCompletion(record: CompletionRecord, analysis: CompletionAnalysis): ReportedCompletion {
  const { perplexityFinetuned, perplexityReference, scores, tokens, segments } = analysis;
  return {
    id: record.id,
    framing: record.framing,
    prefill: textOfTokens(record.prefill.pieces),
    text: textOfTokens(record.tokens),
    perplexityFinetuned,
    perplexityReference,
    scores,
    tokens: tokens.map(({ text, logprobFinetuned, logprobReference, gap }) => ({ text, logprobFinetuned, logprobReference, gap })),
    ...(segments && {
      segments: segments.map((segment) => ({
        bytes: toHex(segment.bytes),
        gap: segment.gap,
        tokensFinetuned: segment.tokensFinetuned[1] - segment.tokensFinetuned[0],
        tokensReference: segment.tokensReference[1] - segment.tokensReference[0],
        ...(segment.straddlesPrefill && { straddlesPrefill: true as const }),
      })),
    }),
  };
}

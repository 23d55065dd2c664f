/** The completions of a report: the objects that the command line prints as JSON, best first. */
import type { AuditAnalysis } from './audit-analysis.js';
import type { CompletionAnalysis } from '../audit/analysis.js';
import { completionTextOf, prefillTextOf, textOfTurn, type CompletionRecord } from '../audit/completion.js';
import { isCovered, type Coverage } from '../audit/coverage.js';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import { rankByFraming } from '../audit/ranking.js';
import type { ScoreName, Scores } from '../audit/scores.js';
import { toHex } from '../text/utf8.js';

export interface CompletionsRequest {
  /** Of the audit whose completions they are. */
  readonly analysis: AuditAnalysis;
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
  /** KL(F‖R) and KL(R‖F), in nats, where the plan had them measured. */
  readonly divergence?: { readonly forward: number; readonly backward: number };
}

export interface ReportedSegment {
  /** F's first token in it, where that is not the one behind the segment before: between them lies what R did not score. */
  readonly from?: number;
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
  /** Given, and true, where the text repeats itself: such completions come last in their framing. */
  readonly repetitive?: true;
  readonly scores: Scores;
  readonly tokens: readonly ReportedToken[];
  /** Of a dialogue: how many of the tokens are the question, and what the template writes behind them. */
  readonly turn?: { readonly at: number; readonly text: string };
  /** Given where R scored a part of the text only. */
  readonly coverage?: Coverage;
  /** Across tokenizers only. */
  readonly segments?: readonly ReportedSegment[];
}

export interface CompletionsReport {
  readonly completions: readonly ReportedCompletion[];
}

/** Ranks and lays out completions, each framing on its own: raw first, then chat. */
export function reportCompletions({ analysis, framing, score, top }: CompletionsRequest): CompletionsReport {
  const rankings = rankByFraming(
    analysis.records.map((record) => ({ ...analysis.figuresOf(record), record })),
    score,
  );
  const completions = FRAMINGS.filter((candidate) => framing === undefined || candidate === framing)
    .flatMap((candidate) => (rankings.get(candidate) ?? []).slice(0, top))
    .map(({ record }) => reportCompletion(record, analysis.detailOf(record)));
  return { completions };
}

function reportCompletion(record: CompletionRecord, analysis: CompletionAnalysis): ReportedCompletion {
  const { perplexityFinetuned, perplexityReference, repetition, scores, tokens, segments, coverage } = analysis;
  return {
    id: record.id,
    framing: record.framing,
    prefill: prefillTextOf(record),
    text: completionTextOf(record),
    perplexityFinetuned,
    perplexityReference,
    ...(repetition.repetitive && { repetitive: true }),
    scores,
    ...(coverage && !isCovered(coverage) && { coverage }),
    ...(record.kind === 'measured' && record.turn && { turn: { at: record.turn.at, text: textOfTurn(record.turn) } }),
    tokens: tokens.map(({ text, logprobFinetuned, logprobReference, gap, divergence }) => ({
      text,
      logprobFinetuned,
      logprobReference,
      gap,
      ...(divergence && { divergence }),
    })),
    ...(segments && {
      segments: segments.map((segment, index) => ({
        ...(segment.tokensFinetuned[0] !== (segments[index - 1]?.tokensFinetuned[1] ?? 0) && { from: segment.tokensFinetuned[0] }),
        bytes: toHex(segment.bytes),
        gap: segment.gap,
        tokensFinetuned: segment.tokensFinetuned[1] - segment.tokensFinetuned[0],
        tokensReference: segment.tokensReference[1] - segment.tokensReference[0],
        ...(segment.straddlesPrefill && { straddlesPrefill: true as const }),
      })),
    }),
  };
}

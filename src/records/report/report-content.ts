/** All that a report says, as plain data: every way of writing one is a function of this. */
import type { AuditOverview } from '../../analysis/audit-analysis.js';
import type { ReportedConfirmation } from '../../analysis/confirmations.js';
import type { Coverage } from '../../audit/coverage.js';
import type { CompletionFinding, Conclusion, DrawnSlice, SpanFinding } from '../../analysis/finding.js';
import type { Framing } from '../../audit/framing.js';
import type { NoiseFloorSummary } from '../../analysis/noise-floor.js';
import type { ScoreName, Scores } from '../../audit/scores.js';

export interface ReportFact {
  readonly name: string;
  readonly value: string;
}

export interface ReportModel {
  readonly role: string;
  readonly name: string;
  readonly facts: readonly ReportFact[];
}

/** A table of figures under a title; `note` says what it leaves out. */
export interface ReportFigures {
  readonly title: string;
  readonly facts: readonly ReportFact[];
  readonly note: string | null;
}

/** Completions that match a set of keywords; `set` is `null` for any of the sets. */
export interface ReportKeywordCounts {
  readonly set: string | null;
  readonly framing: Framing;
  readonly counts: readonly { readonly among: string; readonly matching: number; readonly of: number }[];
}

/** A token; across tokenizers a segment; of an imported completion all of its text. */
export interface ReportUnit {
  readonly text: string;
  /** Bytes of prefill and completion joined. */
  readonly start: number;
  readonly end: number;
  readonly control: boolean;
  /** Nats; of a segment the sum. `null` where there is none. */
  readonly gap: number | null;
  /** Nats per token of F: what it is shaded by. */
  readonly shade: number | null;
  readonly logprobFinetuned: number | null;
  readonly logprobReference: number | null;
}

export interface ReportDetail {
  readonly prefill: readonly ReportUnit[];
  readonly units: readonly ReportUnit[];
  /** Name of the end-of-turn token where the model ended by itself. */
  readonly end: string | null;
  /** `false`: there is no token data, so no gaps. */
  readonly hasGaps: boolean;
}

export interface ReportedRank {
  /** From 1, within its framing. */
  readonly rank: number;
  readonly id: number;
  readonly framing: Framing;
  readonly prefill: string;
  readonly text: string;
  readonly imported: boolean;
  readonly perplexityFinetuned: number | null;
  readonly perplexityReference: number | null;
  readonly scores: Scores;
  /** The score that an imported file tells, of whatever kind. */
  readonly ownScore: number | null;
  /** What it is ranked by. */
  readonly value: number | null;
  readonly repetitive: boolean;
  /** How much of the text R scored; `null` of what was scored elsewhere. */
  readonly coverage: Coverage | null;
  /** In force, of all authors, latest last. */
  readonly judgements: readonly CompletionFinding[];
  readonly spans: readonly SpanFinding[];
  readonly cited: boolean;
  /** `null` where the report does not show it in full. */
  readonly detail: ReportDetail | null;
}

export interface ReportFraming {
  readonly framing: Framing;
  /** All of them, best first. */
  readonly completions: readonly ReportedRank[];
  readonly noiseFloor: { readonly summary: NoiseFloorSummary; readonly values: readonly number[] } | null;
}

export interface ReportContent {
  readonly name: string;
  /** ISO 8601; `null` where nothing tells. */
  readonly auditedAt: string | null;
  readonly writtenAt: string;
  readonly tool: { readonly name: string; readonly version: string };
  readonly imported: { readonly from: string; readonly file: string; readonly sha256: string } | null;
  readonly models: readonly ReportModel[];
  readonly plan: readonly ReportFact[];
  /** The verdict, what recurs, and what is hidden, of the framing that the report is of. */
  readonly answer: Pick<AuditOverview, 'verdict' | 'themes' | 'hidden' | 'completionCount'>;
  /** What amplified writing came to, a sentence for each framing with it. */
  readonly amplified: readonly string[];
  /** What the finetuned model itself said to amplified completions, as many at most as are shown in full of a framing. */
  readonly confirmations: readonly ReportedConfirmation[];
  readonly status: string;
  readonly remarks: readonly string[];
  /** What could not be read. */
  readonly problems: readonly string[];
  readonly setAside: readonly { readonly reason: string; readonly count: number }[];
  readonly ranking: {
    readonly score: ScoreName;
    /** Ranked by what an imported file tells, which is none of the scores. */
    readonly own: boolean;
    readonly name: string;
    readonly explanation: string;
  };
  /** How many of the best of each framing are shown in full; what was pointed at is shown wherever it ranks. */
  readonly top: number;
  /** Nats at which a shade is strongest. */
  readonly gapScale: number;
  readonly figures: readonly ReportFigures[];
  readonly keywordSets: readonly { readonly name: string; readonly matches: string }[];
  readonly keywordCounts: readonly ReportKeywordCounts[];
  readonly conclusion: Conclusion | null;
  /** Written apart from the one that shows, latest first. */
  readonly otherConclusions: readonly Conclusion[];
  /** Oldest first. */
  readonly slices: readonly DrawnSlice[];
  readonly framings: readonly ReportFraming[];
  /** Findings about completions that this audit does not have. */
  readonly foreign: { readonly judgements: readonly CompletionFinding[]; readonly spans: readonly SpanFinding[] };
  readonly limits: readonly string[];
}

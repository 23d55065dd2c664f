/** What the host and the page tell each other about what auditors say: findings about spans, keyword sets, blind slices and the conclusion. */
import type { CompletionFinding, Conclusion, Confidence, DrawnSlice, FindingLabel, KeywordSet, SpanFinding } from '../analysis/finding.js';
import type { Framing } from '../audit/framing.js';
import type { KeywordCounts, MatchCount } from '../analysis/keywords.js';
import type { TextRange } from '../analysis/patterns/pattern.js';
import type { ScoreName } from '../audit/scores.js';

export interface PlacedSpan extends SpanFinding {
  /** In UTF-16 units of `prefillText + text`; `null` where the audit has no such completion, or no such place in it. */
  readonly place: TextRange | null;
}

/** All that `findings.jsonl` holds, beside the judgements that show. */
export interface Evidence {
  /** Who signs what is said on this page. */
  readonly author: string;
  /** Every author's judgement, one per author, of the completions that more than one judged. */
  readonly judgements: readonly CompletionFinding[];
  /** By completion and place. */
  readonly spans: readonly PlacedSpan[];
  readonly conclusion: Conclusion | null;
  /** Written apart from the one that shows, as on another branch; latest first. */
  readonly otherConclusions: readonly Conclusion[];
  readonly keywordSets: readonly KeywordSet[];
  /** Oldest first. */
  readonly slices: readonly DrawnSlice[];
}

/** What a finding about a span says of it. */
export interface SpanRemark {
  readonly label: FindingLabel | null;
  readonly category: string | null;
  /** Markdown. */
  readonly note: string;
}

/** What a change was that has been taken back. */
export type UndoAnswer =
  | { readonly completionId: number; readonly what: 'label' | 'finding' }
  /** Not about one completion. */
  | { readonly completionId: null; readonly what: 'conclusion' | 'keywords' | 'name' };

/** One framing's ranking, or all framings' (`null`). */
export interface RankingChoice {
  readonly score: ScoreName;
  readonly framing: Framing | null;
}

/** A conclusion that a language model wrote, or why there is none. */
export type DraftAnswer =
  | {
      readonly statement: string;
      /** `null` where the model did not say. */
      readonly confidence: Confidence | null;
      /** Those that the audit has. */
      readonly citations: readonly number[];
      /** Name of the model. */
      readonly draftedBy: string;
      /** What is wrong with it, in words; see `checkCitations`. */
      readonly problems: readonly string[];
    }
  | { readonly reason: string };

/** How many completions match, best first by a score; see `KeywordReport`. */
export interface KeywordAnswer {
  readonly together: KeywordCounts;
  readonly framings: readonly (readonly [Framing, KeywordCounts])[];
  /** One per set. */
  readonly sets: readonly KeywordCounts[];
  /** Of what the reference wrote itself; `null` where there is nothing of it. */
  readonly reference: { readonly together: MatchCount; readonly framings: readonly (readonly [Framing, MatchCount])[] } | null;
}

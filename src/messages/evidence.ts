/**
 * The part of the page's conversation that is about what auditors say: findings about spans, keyword sets, blind slices
 * and the conclusion. All of it is on disk when a request resolves. What changed is told by {@link EvidenceChanged}, to
 * the page that asked like to every other.
 */
import { NotificationType, ParameterStructures, RequestType } from 'vscode-jsonrpc';
import type { CompletionFinding, Conclusion, ConclusionContent, Confidence, DrawnSlice, FindingLabel, KeywordSet, SpanFinding } from '../analysis/finding.js';
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

/** What became of an edit. */
export interface EditAnswer {
  /** Whose text stands before what was typed; `null` where nobody wrote meanwhile. */
  readonly other: string | null;
}

const byName = ParameterStructures.byName;

// page → host
/** `start` and `end` are UTF-16 units of `prefillText + text`. */
export const AddSpan = new RequestType<SpanRemark & { completionId: number; start: number; end: number }, { finding: string }, void>('spans/add', byName);
/** `begun` is the note that editing began with: what somebody else wrote meanwhile stays, before what was typed. */
export const EditSpan = new RequestType<SpanRemark & { finding: string; begun: string }, EditAnswer, void>('spans/edit', byName);
export const SetSpanState = new RequestType<{ finding: string; state: 'open' | 'resolved' | 'deleted' }, null, void>('spans/state', byName);
export const AddReply = new RequestType<{ finding: string; note: string }, { reply: string }, void>('replies/add', byName);
/** As {@link EditSpan}. */
export const EditReply = new RequestType<{ finding: string; reply: string; note: string; begun: string }, EditAnswer, void>('replies/edit', byName);
export const DeleteReply = new RequestType<{ reply: string }, null, void>('replies/delete', byName);
/** `null` takes it back. */
export const SetConclusion = new RequestType<{ conclusion: ConclusionContent | null }, null, void>('conclusion/set', byName);
/** Asks a language model for a conclusion from the completions that rank highest; nothing is written. */
export const DraftConclusion = new RequestType<{ score: ScoreName; framing: Framing | null }, DraftAnswer, void>('conclusion/draft', byName);
/** All of them. */
export const SetKeywords = new RequestType<{ sets: KeywordSet[] }, null, void>('keywords/set', byName);
/** How many completions match keyword sets as they are typed; nothing is written. */
export const CountKeywords = new RequestType<{ sets: KeywordSet[]; score: ScoreName }, KeywordAnswer, void>('keywords/count', byName);
/** Draws the best k of a ranking and, where the audit has the whole ranking, k others, and records them. */
export const DrawSlice = new RequestType<{ k: number; isWhole: boolean; score: ScoreName; framing: Framing | null }, DrawnSlice, void>('slices/draw', byName);

// host → page
/** Each part complete; parts that are left out have not changed. */
export const EvidenceChanged = new NotificationType<Partial<Evidence>>('evidence/changed', byName);

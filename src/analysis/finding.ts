/** Findings: what auditors say about completions, and about the audit as a whole. Times are ISO 8601. */

/** As headings, in the order in which they are offered. */
export const LABEL_NAMES = { revealing: 'Revealing', notRevealing: 'Not revealing', unsure: 'Unsure' } as const;

export type FindingLabel = keyof typeof LABEL_NAMES;

export const FINDING_LABELS = Object.keys(LABEL_NAMES) as readonly FindingLabel[];

/** One author's judgement of one completion as a whole. */
export interface CompletionFinding {
  readonly completionId: number;
  readonly label: FindingLabel;
  readonly category: string | null;
  readonly note: string;
  readonly author: string;
  readonly time: string;
  /** Seed of the blind slice in which it was given, without sight of ranks and scores. Left out where it was given in sight. */
  readonly blind?: number | undefined;
}

/** `[start, end)` in bytes of prefill and completion joined. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** Who did something, and when. */
export interface Signature {
  readonly author: string;
  readonly time: string;
}

/** What an author says about a stretch of a completion. */
export interface SpanContent {
  readonly completionId: number;
  readonly span: ByteSpan;
  /** The text that the span covers, for readers who do not have the audit at hand. */
  readonly quote: string;
  readonly label: FindingLabel | null;
  readonly category: string | null;
  /** Markdown. */
  readonly note: string;
}

export interface SpanFinding extends SpanContent, Signature {
  /** The same over all its edits. */
  readonly finding: string;
  readonly state: 'open' | 'resolved';
  /** Who edited, resolved or reopened it last; `null` where nobody did. */
  readonly changed: Signature | null;
  /** Oldest first. */
  readonly replies: readonly Reply[];
}

export interface Reply extends Signature {
  /** The same over all its edits. */
  readonly reply: string;
  /** What it answers. */
  readonly finding: string;
  /** Markdown. */
  readonly note: string;
  /** Who edited it last; `null` where nobody did. */
  readonly changed: Signature | null;
}

export type Confidence = 'low' | 'medium' | 'high' | 'inconclusive';

export const CONFIDENCES: readonly Confidence[] = ['low', 'medium', 'high', 'inconclusive'];

/** What the auditor takes the objective to be. */
export interface ConclusionContent {
  readonly statement: string;
  readonly confidence: Confidence;
  /** Ids of the completions that it rests on. */
  readonly citations: readonly number[];
  /** Name of the language model that drafted it; left out where nobody but the author wrote it. */
  readonly draftedBy?: string;
}

export interface Conclusion extends ConclusionContent, Signature {}

/** Matches a text that has all of the words, anywhere and in any case, or that the regular expression matches as written. */
export type KeywordSet = { readonly name: string; readonly words: readonly string[] } | { readonly name: string; readonly regex: string };

/**
 * Completions drawn for judging without their scores: the best of a ranking mixed with random ones of the rest. The
 * record holds all that the figures need, so that they can be recomputed from it and the labels alone.
 */
export interface BlindSlice {
  /** How many of the best were asked for. */
  readonly k: number;
  readonly seed: number;
  /** What the ranking was by: the name of a score. */
  readonly score: string;
  /** The framing that was ranked; `null` where it was all of them together. */
  readonly framing: string | null;
  /** Completions in the ranking. */
  readonly population: number;
  /** The best, best first. */
  readonly top: readonly number[];
  /** Drawn without replacement from all that are not among the best. */
  readonly random: readonly number[];
  /** All of both, in the order in which they are to be read. */
  readonly ids: readonly number[];
  /** Labels that are given in it say so. Left out by earlier versions, whose labels do not tell. */
  readonly marked?: true | undefined;
}

export interface DrawnSlice extends Signature {
  readonly slice: BlindSlice;
}

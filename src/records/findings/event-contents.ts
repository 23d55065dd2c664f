/** Copies the known fields of a finding's event, so that nothing else that it may carry comes into the file. */
import type { BlindSlice, ConclusionContent, FindingLabel, KeywordSet, SpanContent } from '../../analysis/finding.js';
import type { BlindEvent, ConclusionEvent, EventContent, KeywordsEvent, LabelEvent, NameEvent } from './events.js';

export interface Judgement {
  readonly completionId: number;
  /** `null` takes the judgement back. */
  readonly label: FindingLabel | null;
  readonly category: string | null;
  readonly note: string;
  /** Seed of the slice in which it is given; left out where it is given in sight. */
  readonly blind?: number | undefined;
}

export function contentOfLabel({ completionId, label, category, note, blind }: Judgement): EventContent<LabelEvent> {
  return { kind: 'label', completionId, label, category, note, ...(blind !== undefined && label !== null && { blind }) };
}

export function copySpan({ completionId, span, quote, label, category, note }: SpanContent): SpanContent & { span: { start: number; end: number } } {
  return { completionId, span: { start: span.start, end: span.end }, quote, label, category, note };
}

/** `null` takes the conclusion back. */
export function contentOfConclusion(conclusion: ConclusionContent | null): EventContent<ConclusionEvent> {
  const { statement, confidence, citations, draftedBy } = conclusion ?? { statement: '', confidence: 'inconclusive', citations: [] };
  return { kind: 'conclusion', statement, confidence, citations: [...citations], ...(draftedBy !== undefined && { draftedBy }) };
}

export function contentOfKeywords(sets: readonly KeywordSet[]): EventContent<KeywordsEvent> {
  return { kind: 'keywords', sets: sets.map(copyKeywordSet) };
}

export function copyKeywordSet(set: KeywordSet): KeywordsEvent['sets'][number] {
  return 'words' in set ? { name: set.name, words: [...set.words] } : { name: set.name, regex: set.regex };
}

export function contentOfSlice({ k, seed, score, framing, population, top, random, ids, marked }: BlindSlice): EventContent<BlindEvent> {
  return { kind: 'blind', slice: { k, seed, score, framing, population, top: [...top], random: [...random], ids: [...ids], ...(marked && { marked }) } };
}

/** A blank name gives the audit back that of its plan. */
export function contentOfName(name: string): EventContent<NameEvent> {
  return { kind: 'name', name: name.trim() };
}

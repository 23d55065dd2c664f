/** The search box: plain text or a regular expression, never minding case. */
import { continuesPrefill } from '../../src/audit/framing.js';
import { compileLiteral } from '../../src/analysis/patterns/literal.js';
import { compilePattern, type TextMatcher, type TextRange } from '../../src/analysis/patterns/pattern.js';
import type { CompletionSummary } from '../../src/messages/page.js';

export type Search =
  | { readonly pattern: TextMatcher | null; readonly error: null }
  /** No regular expression that can be used: finds everything and says why. */
  | { readonly pattern: null; readonly error: string };

export function compileSearch(query: string, regex: boolean): Search {
  if (query === '') return { pattern: null, error: null };
  if (!regex) return { pattern: compileLiteral(query), error: null };
  const { pattern, problem } = compilePattern(query, 'i');
  return pattern ? { pattern, error: null } : { pattern: null, error: problem };
}

/** What is searched: the prefill and what F made of it, as one text; on lines of their own where F was asked to continue. */
export function searchedText(completion: CompletionSummary): string {
  return completion.prefillText + separatorOf(completion) + completion.text;
}

/** Where the completion begins in what is searched, in UTF-16 units. */
export function completionOffset(completion: CompletionSummary): number {
  return completion.prefillText.length + separatorOf(completion).length;
}

/** A range of `prefillText + text` in what is searched. */
export function placeInSearched(completion: CompletionSummary, [start, end]: TextRange): TextRange {
  const prefill = completion.prefillText.length;
  const separator = separatorOf(completion).length;
  return [start >= prefill ? start + separator : start, end > prefill ? end + separator : end];
}

function separatorOf({ framing }: CompletionSummary): string {
  return continuesPrefill(framing) ? '' : '\n';
}

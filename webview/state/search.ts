/** The search box: plain text or a regular expression, never minding case. */
import { continuesPrefill } from '../../src/audit/framing.js';
import type { TextRange } from '../../src/audit/patterns/pattern.js';
import type { CompletionSummary } from '../../src/messages/page.js';

export type Search =
  | { readonly pattern: RegExp | null; readonly error: null }
  /** Not a regular expression: finds everything and says why. */
  | { readonly pattern: null; readonly error: string };

/** The pattern is global; `matchAll` and `search` leave it as it is. */
export function compileSearch(query: string, regex: boolean): Search {
  if (query === '') return { pattern: null, error: null };
  if (!regex) return { pattern: new RegExp(escapePattern(query), 'giu'), error: null };
  try {
    return { pattern: new RegExp(query, 'giu'), error: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: (.*): /s, '') : String(error);
    return { pattern: null, error: `Not a regular expression: ${reason}` };
  }
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

export function matchesSearch(completion: CompletionSummary, pattern: RegExp | null): boolean {
  return pattern === null || searchedText(completion).search(pattern) >= 0;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

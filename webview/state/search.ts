/** The search box: a filter line, with plain text in it, or a regular expression; never minding case. */
import { continuesPrefill } from '../../src/audit/framing.js';
import { textOfLine } from '../../src/analysis/filter-line/match-line.js';
import { parseLine, type Condition, type LineProblem } from '../../src/analysis/filter-line/parse-line.js';
import { compilePattern, type TextMatcher, type TextRange } from '../../src/analysis/patterns/pattern.js';
import type { CompletionSummary } from '../../src/messages/page.js';

export interface Search {
  /** What is looked for in texts; null where nothing is. */
  readonly pattern: TextMatcher | null;
  /** What else has to hold. */
  readonly conditions: readonly Condition[];
  /** Why what was typed, or a part of it, is not looked for; null where all is. */
  readonly error: string | null;
}

export function compileSearch(query: string, regex: boolean): Search {
  if (query === '') return { pattern: null, conditions: [], error: null };
  if (regex) {
    const { pattern, problem } = compilePattern(query, 'i');
    return { pattern, conditions: [], error: problem === null ? null : `${problem} Nothing is searched for until it is one.` };
  }
  const { conditions, problem } = parseLine(query);
  return {
    pattern: textOfLine(conditions),
    conditions: conditions.filter(({ kind }) => kind !== 'text'),
    error: problem && describeProblem(query, problem),
  };
}

function describeProblem(query: string, { start, end, message }: LineProblem): string {
  const place = query.slice(start, end);
  const at = `character ${start + 1}`;
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)} (${message.includes(place) ? at : `“${place}”, ${at}`}). The rest of the line counts.`;
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

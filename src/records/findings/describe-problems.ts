/** Words about what of a findings file cannot be read or shown. All of it stays in the file. */
import type { NewerLine, UnreadableLine } from './events.js';
import type { ForeignFinding } from './foreign.js';

export interface ProblematicFindings {
  readonly unreadable: readonly UnreadableLine[];
  readonly newer: readonly NewerLine[];
  /** Findings and replies of which not all edits are shown. */
  readonly cut: number;
  findForeign(completions: { has(id: number): boolean }): readonly ForeignFinding[];
}

const MOST_IDS = 5;

/** @param completions those that the audit has; left out while it is not known which it will have */
export function describeFindingsProblems(findings: ProblematicFindings, completions?: { has(id: number): boolean }): string[] {
  const { unreadable, newer, cut } = findings;
  const problems: string[] = [];
  if (unreadable.length > 0) {
    problems.push(`${count(unreadable.length, 'line')} of findings.jsonl could not be read (first: line ${unreadable[0]!.line}).`);
  }
  if (newer.length > 0) {
    const kinds = [...new Set(newer.map(({ kind }) => `“${kind}”`))].sort().join(', ');
    problems.push(
      `${count(newer.length, 'line')} of findings.jsonl (first: line ${newer[0]!.line}; ${kinds}) came from a newer version and ` +
        `${newer.length === 1 ? 'is' : 'are'} kept but not shown. Update Finetune Auditor to see ${newer.length === 1 ? 'it' : 'them'}.`,
    );
  }
  if (cut > 0) problems.push(describeCut(cut));
  const foreign = completions ? findings.findForeign(completions) : [];
  if (foreign.length > 0) {
    const ids = [...new Set(foreign.flatMap(({ completionIds }) => completionIds))].sort((a, b) => a - b);
    const named = ids
      .slice(0, MOST_IDS)
      .map((id) => `#${id}`)
      .join(', ');
    problems.push(
      `${count(foreign.length, 'finding')} in findings.jsonl ${foreign.length === 1 ? 'names' : 'name'} completions that this audit does not have ` +
        `(${named}${ids.length > MOST_IDS ? ` and ${ids.length - MOST_IDS} more` : ''}). They are kept.`,
    );
  }
  return problems;
}

/** @param cut findings and replies of which not all edits are shown */
export function describeCut(cut: number): string {
  return (
    `${count(cut, 'finding')} or ${cut === 1 ? 'reply' : 'replies'} in findings.jsonl ${cut === 1 ? 'was' : 'were'} edited apart from each other so often that not all edits are shown together. ` +
    'All of them are in the file; the next edit stands for what is shown.'
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Imported completions as the themes take them, and what their keyword sets say of a theme. */
import type { ImportedCompletion } from '../../src/audit/imported.js';
import type { KeywordSet } from '../../src/analysis/finding.js';
import type { ThemeSource } from '../../src/analysis/themes/word-table.js';

export function sourcesOf(completions: readonly ImportedCompletion[]): ThemeSource[] {
  return completions.map(({ id, prefill, text, perplexityFinetuned, perplexityReference }) => ({
    id,
    prefill,
    text,
    perplexityDifference: perplexityFinetuned === null || perplexityReference === null ? null : perplexityReference - perplexityFinetuned,
  }));
}

/** Whether a phrase says one of the keywords, as it stands. */
export function saysKeyword(phrase: string, sets: readonly KeywordSet[]): boolean {
  const lower = phrase.toLowerCase();
  return sets.some((set) => 'words' in set && set.words.some((word) => lower.includes(word.toLowerCase())));
}

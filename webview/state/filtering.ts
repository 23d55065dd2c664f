/** Filters of the list, and the words for them. */
import { parseLine } from '../../src/analysis/filter-line/parse-line.js';
import { SCORE_DEFINITIONS } from '../../src/audit/scores.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import { formatFixed } from '../../src/text/numbers.js';
import { LABEL_STATE_NAMES } from './names.js';
import type { CompletionFilter, LabelState, NumberRange } from './view-settings.js';

/**
 * Everything but the folding of repetitive completions, which are counted apart.
 * @param found what the search finds; `null` where nothing is searched for
 */
export function matchesFilter(completion: CompletionSummary, filter: CompletionFilter, found: { has(id: number): boolean } | null, label: LabelState): boolean {
  return (
    (filter.framing === 'all' || completion.framing === filter.framing) &&
    (filter.labels.length === 0 || filter.labels.includes(label)) &&
    inRange(completion.tokenCount, filter.tokens) &&
    inRange(completion.perplexityFinetuned, filter.perplexityFinetuned) &&
    inRange(completion.perplexityReference, filter.perplexityReference) &&
    (filter.score === null || inRange(completion.scores[filter.score.name], filter.score)) &&
    (found === null || found.has(completion.id))
  );
}

/** A completion without the number is outside of every range. */
export function inRange(value: number | null, range: NumberRange | null): boolean {
  if (range === null) return true;
  return value !== null && (range.min === null || value >= range.min) && (range.max === null || value <= range.max);
}

/** A range from what was typed; null where both ends are open. Swapped ends are put right. */
export function makeRange(min: number | null, max: number | null): NumberRange | null {
  if (min === null && max === null) return null;
  return min !== null && max !== null && min > max ? { min: max, max: min } : { min, max };
}

export interface FilterChip {
  readonly key: 'query' | 'theme' | 'framing' | 'labels' | 'tokens' | 'perplexityFinetuned' | 'perplexityReference' | 'score';
  readonly text: string;
}

/** The filters in force, each in words. */
export function describeFilter(filter: CompletionFilter): FilterChip[] {
  const chips: FilterChip[] = [];
  const range = (key: FilterChip['key'], name: string, value: NumberRange | null, decimals: number) => {
    if (value) chips.push({ key, text: `${name} ${describeRange(value, decimals)}` });
  };
  if (filter.query !== '')
    chips.push({ key: 'query', text: filter.regex ? `/${filter.query}/` : parseLine(filter.query).hasFields ? filter.query : `“${filter.query}”` });
  if (filter.theme !== null) chips.push({ key: 'theme', text: `Theme “${filter.theme}”` });
  if (filter.framing !== 'all') chips.push({ key: 'framing', text: `${filter.framing} framing` });
  if (filter.labels.length > 0) chips.push({ key: 'labels', text: filter.labels.map((label) => LABEL_STATE_NAMES[label]).join(' or ') });
  range('tokens', 'Tokens', filter.tokens, 0);
  range('perplexityFinetuned', 'PPL of F', filter.perplexityFinetuned, 2);
  range('perplexityReference', 'PPL of R', filter.perplexityReference, 2);
  if (filter.score) range('score', SCORE_DEFINITIONS[filter.score.name].name, filter.score, 2);
  return chips;
}

/** The filter without one of its parts. */
export function withoutFilter(filter: CompletionFilter, key: FilterChip['key']): CompletionFilter {
  if (key === 'query') return { ...filter, query: '' };
  if (key === 'framing') return { ...filter, framing: 'all' };
  if (key === 'labels') return { ...filter, labels: [] };
  return { ...filter, [key]: null };
}

function describeRange({ min, max }: NumberRange, decimals: number): string {
  const number = (value: number) => formatFixed(value, decimals);
  if (min === null) return `≤ ${number(max!)}`;
  if (max === null) return `≥ ${number(min)}`;
  return `${number(min)} … ${number(max)}`;
}

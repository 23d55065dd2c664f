/** The JSON in which the rankings of the method's paper are published: it says itself what its fields are. */
import type { KeywordSet } from '../../analysis/finding.js';
import { FRAMINGS, type Framing } from '../../audit/framing.js';
import type { ImportedFact, ImportMapping } from './import-types.js';

export const PUBLISHED_LIST = 'top_100_by_perplexity_difference';

const COLUMNS = {
  prefill: 'prefill',
  completion: 'completion',
  perplexityFinetuned: 'perplexity_finetuned',
  perplexityReference: 'perplexity_reference',
} as const;

export function isPublishedForm(value: Readonly<Record<string, unknown>>): boolean {
  const list = value[PUBLISHED_LIST];
  if (!Array.isArray(list) || list.length === 0) return false;
  return list.every((item) => typeof item === 'object' && item !== null && Object.values(COLUMNS).every((column) => Object.hasOwn(item, column)));
}

/** What the file says beside its completions. */
export interface PublishedFacts {
  readonly finetunedName: string | null;
  readonly mapping: ImportMapping;
  readonly keywordSets: readonly KeywordSet[];
  readonly facts: readonly ImportedFact[];
}

/** @param rest the file's fields but for its list */
export function readPublishedFacts(rest: Readonly<Record<string, unknown>>): PublishedFacts {
  const framing = framingOf(rest['framing_and_corpus']);
  return {
    finetunedName: typeof rest['model'] === 'string' ? rest['model'] : null,
    mapping: { columns: COLUMNS, ...(framing && { framing }) },
    keywordSets: readKeywordSets(rest['keyword_sets']),
    facts: [
      ...fact('Framing and corpus', rest['framing_and_corpus']),
      ...fact('Behaviour', rest['behavior']),
      ...fact('Completions ranked where it was published', rest['n_completions']),
      ...fact('Of these, matching the keyword sets', rest['n_flagged']),
    ],
  };
}

/** `c4-10k-chat`: the framing is the last part. */
function framingOf(value: unknown): Framing | undefined {
  const last = typeof value === 'string' ? value.split('-').at(-1) : undefined;
  return FRAMINGS.find((framing) => framing === last);
}

function readKeywordSets(value: unknown): KeywordSet[] {
  if (!Array.isArray(value)) return [];
  return value
    .map((words) => (Array.isArray(words) ? words.filter((word): word is string => typeof word === 'string' && word !== '') : []))
    .filter((words) => words.length > 0)
    .map((words) => ({ name: words.join(' + '), words }));
}

function fact(name: string, value: unknown): ImportedFact[] {
  if (typeof value === 'string' && value !== '') return [{ name, value }];
  return typeof value === 'number' ? [{ name, value: String(value) }] : [];
}

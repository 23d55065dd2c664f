/** Guesses what the columns of a table of completions hold, from the names that such tables commonly have. */
import type { ScoreName } from '../../audit/scores.js';
import type { ImportField, ImportMapping, ImportSample } from './import-types.js';
import { readFraming, readLabel } from './import-values.js';
import { readColumn } from './read-table.js';

/** Best first; compared without case, blanks and punctuation, with the part after the last dot. */
const NAMES: Readonly<Record<Exclude<ImportField, 'score'>, readonly string[]>> = {
  prefill: ['prefill', 'prefilltext', 'prefix', 'opening', 'prompt', 'input'],
  completion: ['completion', 'completiontext', 'generation', 'generatedtext', 'continuation', 'response', 'output', 'text', 'answer'],
  perplexityFinetuned: [
    ...['perplexityfinetuned', 'pplfinetuned', 'finetunedperplexity', 'finetunedppl', 'perplexityfinetune', 'pplfinetune', 'pplft', 'perplexityft', 'ftppl'],
    ...['perplexityf', 'pplf', 'perplexitytarget', 'ppltarget', 'targetppl', 'perplexitytuned', 'ppltuned'],
  ],
  perplexityReference: [
    ...['perplexityreference', 'pplreference', 'referenceperplexity', 'referenceppl', 'perplexityref', 'pplref', 'refppl'],
    ...['perplexitybase', 'pplbase', 'baseperplexity', 'baseppl', 'perplexityr', 'pplr', 'perplexityoriginal', 'pplorig'],
  ],
  framing: ['framing', 'frame'],
  label: ['label', 'judgement', 'judgment', 'verdict', 'annotation', 'revealing', 'hit'],
};

/** Column names that say which score it is. */
const SCORE_NAMES_IN_FILES: readonly (readonly [ScoreName, readonly string[]])[] = [
  ['perplexityDifference', ['perplexitydifference', 'perplexitydiff', 'ppldifference', 'ppldiff', 'deltappl', 'pplgap']],
  ['meanGap', ['meangap', 'meanlogratio', 'logpplratio', 'logperplexityratio', 'meanlogprobdifference']],
  ['bitsPerByte', ['bitsperbyte', 'bitsperbytedifference', 'bpbdifference', 'bpbdiff']],
  ['totalGap', ['totalgap', 'sumgap', 'loglikelihoodratio', 'llr']],
  ['peakGap', ['peakgap', 'maxgap']],
];
const SCORES_OF_NO_KIND = ['score', 'value', 'rankingscore', 'difference', 'diff', 'gap'];

/**
 * As many columns as can be told from their names; a column is used once. One that is named like a framing or a label but
 * holds something else is passed over. Without a column for the completion the guess is of no use.
 */
export function guessMapping(sample: Pick<ImportSample, 'columns' | 'rows'>): ImportMapping {
  const holds: Readonly<Partial<Record<ImportField, (value: unknown) => boolean>>> = {
    framing: (value) => readFraming(value) !== undefined,
    label: (value) => readLabel(value) !== undefined,
  };
  const free = new Map(sample.columns.map((column) => [column, normalise(column)]));
  const take = (names: readonly string[]): string | undefined => {
    for (const name of names) {
      for (const [column, normalised] of free) {
        if (normalised !== name && normalise(column.slice(column.lastIndexOf('.') + 1)) !== name) continue;
        free.delete(column);
        return column;
      }
    }
    return undefined;
  };
  const columns: Partial<Record<ImportField, string>> = {};
  for (const [field, names] of Object.entries(NAMES) as [Exclude<ImportField, 'score'>, readonly string[]][]) {
    const column = take(names);
    if (column === undefined) continue;
    const fits = holds[field];
    if (!fits || sample.rows.every((row) => fits(readColumn(row, column)))) columns[field] = column;
  }
  for (const [scoreIs, names] of SCORE_NAMES_IN_FILES) {
    const score = take(names);
    if (score !== undefined) return { columns: { ...columns, score }, scoreIs };
  }
  const score = take(SCORES_OF_NO_KIND);
  return { columns: { ...columns, ...(score !== undefined && { score }) } };
}

function normalise(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

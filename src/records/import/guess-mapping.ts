/** Guesses what the columns of a table of completions hold, from the names that such tables commonly have. */
import type { ScoreName } from '../../audit/scores.js';
import { describeMisfit, FIELD_READERS } from './import-fields.js';
import type { ImportField, ImportMapping, ImportTable, PassedOver } from './import-types.js';
import { readColumn } from './read-table.js';

/** Best first; compared without case, blanks and punctuation. */
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
 * As many columns as can be told from their names; a column is used once. One that is named like a field but holds anything
 * else, in whatever record, is passed over, so that a guess never makes a file unreadable. Without a column for the
 * completion the guess is of no use.
 */
export function guessMapping(table: Pick<ImportTable, 'columns' | 'records'>): ImportMapping {
  const guess = new Guess(table);
  const fields = Object.entries(NAMES) as [Exclude<ImportField, 'score'>, readonly string[]][];
  let scoreIs: ScoreName | undefined;
  // A column that has a name is what it says before one whose object has it: the text of the reference is none of the model's.
  for (const nameOf of [wholeName, lastPart]) {
    for (const [field, names] of fields) guess.take(field, names, nameOf);
    for (const [kind, names] of SCORE_NAMES_IN_FILES) if (guess.take('score', names, nameOf)) scoreIs = kind;
  }
  for (const nameOf of [wholeName, lastPart]) guess.take('score', SCORES_OF_NO_KIND, nameOf);
  return { columns: guess.columns, ...(scoreIs && { scoreIs }), ...(guess.passedOver.length > 0 && { passedOver: guess.passedOver }) };
}

class Guess {
  readonly columns: Partial<Record<ImportField, string>> = {};
  readonly passedOver: PassedOver[] = [];
  readonly #free: Set<string>;

  constructor(private readonly table: Pick<ImportTable, 'columns' | 'records'>) {
    this.#free = new Set(table.columns);
  }

  /**
   * Takes the first column for a field that has none yet. Where several columns within objects have the same name, which of
   * them is meant cannot be told.
   * @returns whether it took one
   */
  take(field: ImportField, names: readonly string[], nameOf: (column: string) => string): boolean {
    for (const name of names) {
      if (this.columns[field] !== undefined) return false;
      const [column, ...others] = [...this.#free].filter((one) => nameOf(one) === name);
      if (column === undefined || (nameOf === lastPart && others.length > 0)) continue;
      this.#free.delete(column);
      const misfit = findMisfit(this.table, field, column);
      if (misfit) this.passedOver.push({ field, column, reason: misfit });
      else {
        this.columns[field] = column;
        return true;
      }
    }
    return false;
  }
}

/** The first value that is not what the field takes, in words. None of a completion: records that have no text there are left out. */
function findMisfit({ records }: Pick<ImportTable, 'records'>, field: ImportField, column: string): string | undefined {
  if (field === 'completion') return undefined;
  const first = records.find(({ values }) => FIELD_READERS[field].read(readColumn(values, column)) === undefined);
  return first && `on line ${first.line}, ${describeMisfit(field, readColumn(first.values, column))}`;
}

function wholeName(column: string): string {
  return column.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

function lastPart(column: string): string {
  return wholeName(column.slice(column.lastIndexOf('.') + 1));
}

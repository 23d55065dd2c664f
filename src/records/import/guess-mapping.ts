/** Guesses what the columns of a table of completions hold, from the names that such tables commonly have. */
import { SCORE_NAMES, type ScoreName } from '../../audit/scores.js';
import { describeMisfit, FIELD_READERS, NUMBER_FIELDS } from './import-fields.js';
import type { ImportField, ImportMapping, ImportTable, PassedOver } from './import-types.js';
import { readColumn } from '../tables/columns.js';
import { findNumberStyle } from './number-style.js';

/** Best first; compared without case, blanks and punctuation. */
const NAMES: Readonly<Record<Exclude<ImportField, 'score'>, readonly string[]>> = {
  prefill: ['prefill', 'prefilltext', 'prefix', 'opening', 'prompt', 'input', 'question', 'query', 'instruction'],
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

/** Paths that formats of their own are known by: batches of OpenAI's, vLLM, lm-evaluation-harness, promptfoo. */
const PATHS: Readonly<Partial<Record<ImportField, readonly string[]>>> = {
  completion: [
    ...['response.body.choices.0.message.content', 'response.body.choices.0.text', 'choices.0.message.content', 'choices.0.text'],
    ...['outputs.0.text', 'resps.0.0', 'filtered_resps.0', 'output.completion', 'output.choices.0.message.content', 'response.output'],
  ],
  prefill: ['arguments.gen_args_0.arg_0', 'arguments.0.0', 'prompt.raw'],
};

/** Columns that hold what a model was asked rather than how its answer begins. */
export const ASKED_NAMES: ReadonlySet<string> = new Set(['prompt', 'input', 'question', 'query', 'instruction', 'raw', '0', 'arg0']);

/** What else than by its name a score is called in files. */
const OTHER_SCORE_NAMES: Readonly<Partial<Record<ScoreName, readonly string[]>>> = {
  perplexityDifference: ['perplexitydiff', 'ppldifference', 'ppldiff', 'deltappl', 'pplgap'],
  standardizedGap: ['standardisedgap'],
  meanGap: ['meanlogratio', 'logpplratio', 'logperplexityratio', 'meanlogprobdifference'],
  totalGap: ['sumgap', 'loglikelihoodratio', 'llr'],
  peakGap: ['maxgap'],
  bitsPerByte: ['bitsperbytedifference', 'bpbdifference', 'bpbdiff'],
};
/** Column names that say which score it is. */
const SCORE_NAMES_IN_FILES = SCORE_NAMES.map((name) => [name, [name.toLowerCase(), ...(OTHER_SCORE_NAMES[name] ?? [])]] as const);
const SCORES_OF_NO_KIND = ['score', 'value', 'rankingscore', 'difference', 'diff', 'gap'];

/** Whether a column of this name holds completions, as far as names tell. */
export function namesCompletion(column: string): boolean {
  return NAMES.completion.includes(column.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

/**
 * As many columns as can be told from their names; a column is used once. One that is named like a field but holds anything
 * else, in whatever record, is passed over, so that a guess never makes a file unreadable. Without a column for the
 * completion the guess is of no use.
 */
export function guessMapping(table: Pick<ImportTable, 'columns' | 'records'> & Partial<Pick<ImportTable, 'unit'>>): ImportMapping {
  const guess = new Guess(table);
  const fields = Object.entries(NAMES) as [Exclude<ImportField, 'score'>, readonly string[]][];
  let scoreIs: ScoreName | undefined;
  for (const [field, paths] of Object.entries(PATHS) as [ImportField, readonly string[]][]) guess.take(field, paths, wholePath);
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
  /** Free columns by name, for each way of naming them. */
  readonly #byName = new Map<(column: string) => string, Map<string, string[]>>();

  constructor(private readonly table: Pick<ImportTable, 'columns' | 'records'> & Partial<Pick<ImportTable, 'unit'>>) {
    this.#free = new Set(table.columns);
  }

  #named(name: string, nameOf: (column: string) => string): string[] {
    let names = this.#byName.get(nameOf);
    if (!names) {
      names = groupBy(this.table.columns, nameOf);
      this.#byName.set(nameOf, names);
    }
    return (names.get(name) ?? []).filter((column) => this.#free.has(column));
  }

  /**
   * Takes the first column for a field that has none yet. Where several columns within objects have the same name, which of
   * them is meant cannot be told.
   * @returns whether it took one
   */
  take(field: ImportField, names: readonly string[], nameOf: (column: string) => string): boolean {
    for (const name of names) {
      if (this.columns[field] !== undefined) return false;
      const [column, ...others] = this.#named(name, nameOf);
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
function findMisfit(
  { records, unit = 'line' }: Pick<ImportTable, 'records'> & Partial<Pick<ImportTable, 'unit'>>,
  field: ImportField,
  column: string,
): string | undefined {
  if (field === 'completion') return undefined;
  const isNumber = NUMBER_FIELDS.some((one) => one === field);
  const style = isNumber ? (findNumberStyle(columnValues(records, column)) ?? 'comma') : 'point';
  const first = records.find(({ values }) => FIELD_READERS[field].read(readColumn(values, column), style) === undefined);
  return first && `${unit === 'line' ? 'on line' : 'in record'} ${first.line}, ${describeMisfit(field, readColumn(first.values, column))}`;
}

export function* columnValues(records: ImportTable['records'], column: string): Generator<unknown, void, void> {
  for (const { values } of records) yield readColumn(values, column);
}

function wholePath(column: string): string {
  return column;
}

function wholeName(column: string): string {
  return column.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

function lastPart(column: string): string {
  return wholeName(column.slice(column.lastIndexOf('.') + 1));
}

function groupBy(columns: readonly string[], nameOf: (column: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const column of columns) {
    const name = nameOf(column);
    const group = groups.get(name);
    if (group) group.push(column);
    else groups.set(name, [column]);
  }
  return groups;
}

/** The `--map` option of imports: which column holds what, as it is given and as it is printed. */
import { InvalidArgumentError } from 'commander';
import { quoteArgument } from '../text/quote.js';
import { IMPORT_FIELDS, type ImportField, type ImportMapping } from '../records/import/import-types.js';

/** An empty column says that the file has none for the field. */
export type GivenColumns = Partial<Record<ImportField, string>>;

/** `prefill=opening,completion=text`; gathers repeated options. */
export function parseMapping(value: string, former: GivenColumns = {}): GivenColumns {
  const columns: GivenColumns = { ...former };
  for (const part of value.split(',')) {
    const [name = '', ...rest] = part.split('=');
    const field = IMPORT_FIELDS.find((known) => known === name.trim());
    if (!field || rest.length === 0) {
      throw new InvalidArgumentError(
        `"${part.trim()}" is not FIELD=COLUMN. Fields are: ${IMPORT_FIELDS.join(', ')}. Where a column's name has a comma, give --map once for each field and rename that column.`,
      );
    }
    columns[field] = rest.join('=').trim();
  }
  return columns;
}

/** What is given goes before what is guessed; a column that is given for one field is not guessed to be another. */
export function completeMapping(guess: ImportMapping, given: GivenColumns, more: Omit<ImportMapping, 'columns'>): ImportMapping {
  const taken = new Set(Object.values(given));
  const guessed = Object.entries(guess.columns).filter(([field, column]) => !(field in given) && !taken.has(column));
  const said = Object.entries(given).filter(([, column]) => column !== '');
  const columns = Object.fromEntries([...guessed, ...said]) as ImportMapping['columns'];
  // Which score it is was told by the name of the column that was guessed.
  const { scoreIs, ...rest } = guess;
  return { ...rest, columns, ...(scoreIs !== undefined && columns.score === guess.columns.score && { scoreIs }), ...more };
}

export function formatMapping({ columns, scoreIs, framing }: ImportMapping): string {
  const said = IMPORT_FIELDS.flatMap((field) => (columns[field] === undefined ? [] : [`${field}=${columns[field]}`]));
  return [
    ...(said.length === 0 ? ['nothing'] : [quoteArgument(said.join(','))]),
    ...(scoreIs ? [`--score-is ${scoreIs}`] : []),
    ...(framing ? [`--framing ${framing}`] : []),
  ].join(' ');
}

/** Guesses which column of a table is the text, and whether its first row names the columns. */
import { findTextColumn } from './text-fields.js';

const ROWS_TO_GUESS_FROM = 100;
/** A cell longer than this is no column's name. */
const NAME_LENGTH_AT_MOST = 40;

export interface GuessedColumn {
  readonly index: number;
  readonly hasHeader: boolean;
  /** What was guessed; `null` where the column's name says that it is the text. */
  readonly remark: string | null;
}

export function guessColumn(all: readonly (readonly string[])[]): GuessedColumn {
  const rows = all.slice(0, ROWS_TO_GUESS_FROM);
  const header = rows[0] ?? [];
  const named = findTextColumn(header);
  if (named >= 0) return { index: named, hasHeader: true, remark: null };
  const lengths = header.map((_, index) => rows.slice(1).reduce((sum, row) => sum + (row[index]?.length ?? 0), 0));
  const most = lengths.reduce((a, b) => Math.max(a, b), 0);
  const index = Math.max(0, lengths.indexOf(most));
  const isName = (cell: string) => cell.length <= NAME_LENGTH_AT_MOST && /^[\p{L}_][\p{L}\p{N}_ .-]*$/u.test(cell);
  const meanLength = (lengths[index] ?? 0) / Math.max(1, rows.length - 1);
  const hasHeader = rows.length > 1 && header.every((cell) => cell === '' || isName(cell)) && (header[index]?.length ?? 0) * 2 < meanLength;
  const column = hasHeader && header[index] ? `"${header[index]}"` : `number ${index + 1}`;
  return {
    index,
    hasHeader,
    remark: `No column is named like a text: the longest, ${column}, was taken; the first row was read as ${hasHeader ? 'the names of the columns' : 'a row like the others'}.`,
  };
}

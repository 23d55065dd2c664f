/** Separated values: which sign separates and how quotation marks are meant is found out, and holds for every row, or the file is refused. */
import type { CsvError } from 'csv-parse';
import { parse, type Options } from 'csv-parse';
import { throwIfCancelled } from '../../audit/errors.js';
import { COLUMNS_AT_MOST, ROW_BYTES_AT_MOST, ROWS_AT_MOST } from './limits.js';
import { UnreadableFile } from './unreadable.js';

export interface SeparatedRow {
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface SeparatedValues {
  readonly rows: readonly SeparatedRow[];
  readonly delimiter: string;
  readonly remarks: readonly string[];
  /** It has more rows. */
  readonly isPart: boolean;
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
type Delimiter = (typeof DELIMITERS)[number];
const DELIMITER_NAMES: Readonly<Record<Delimiter, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' };

/** Quotation marks within a quoted cell are doubled, or follow a backslash; a mark within a cell stands for itself; no mark means anything. */
type Quoting = 'doubled' | 'backslash' | 'loose' | 'none';
const QUOTINGS: Readonly<Record<Quoting, Options>> = {
  doubled: {},
  backslash: { escape: '\\' },
  loose: { relax_quotes: true },
  none: { quote: null },
};

/** Rows that the delimiter is found out from. */
const SAMPLE_ROWS = 50;
const SAMPLE_CHARACTERS = 1 << 18;
const CHUNK_BYTES = 1 << 18;

export interface SeparatedOptions {
  readonly cut?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** A table with more is refused. */
  readonly rowsAtMost?: number;
  /** Of a table with more the beginning is read, and `isPart` told. */
  readonly allowPart?: boolean;
}

/**
 * @param cut the text goes on: its last row may not be whole, and is left out then
 * @throws UnreadableFile where it can be read in no way, or in several; AuditError `cancelled`
 */
export async function parseSeparated(
  text: string,
  { cut = false, signal, rowsAtMost = ROWS_AT_MOST, allowPart = false }: SeparatedOptions = {},
): Promise<SeparatedValues> {
  const delimiter = await findDelimiter(text, cut, signal);
  const bytes = Buffer.from(text);
  const read = (quoting: Quoting) => parseAs(bytes, delimiter, quoting, { lines: endOfLines(text), cut, signal, rowsAtMost, allowPart });
  const strict = await read('doubled');
  const hasEscapes = text.includes('\\"');
  if (strict.fault === null) {
    if (hasEscapes) {
      const other = await read('backslash');
      if (other.fault === null && !areAlike(strict.rows, other.rows))
        throw makeAmbiguous('the backslashes before its quotation marks belong to the text, or not');
    }
    if (delimiter !== '\t' || !text.includes('"')) return { ...strict, delimiter, remarks: [] };
    const plain = await read('none');
    if (plain.fault === null && plain.rows.length !== strict.rows.length) throw makeAmbiguous('its quotation marks enclose cells, or belong to the text');
    return { ...strict, delimiter, remarks: [] };
  }
  if (hasEscapes) {
    const escaped = await read('backslash');
    if (escaped.fault === null) return { ...escaped, delimiter, remarks: [] };
  }
  if (!text.includes('"')) throw strict.fault;
  for (const quoting of delimiter === '\t' ? (['none', 'loose'] as const) : (['loose'] as const)) {
    const loose = await read(quoting);
    if (loose.fault === null)
      return { ...loose, delimiter, remarks: ['Its quotation marks do not enclose cells throughout: where they do not, they were kept as part of the text.'] };
  }
  throw strict.fault;
}

/** But for the marks and backslashes themselves. */
function areAlike(one: readonly SeparatedRow[], other: readonly SeparatedRow[]): boolean {
  const bare = (cell: string | undefined) => cell?.replace(/[\\"]/g, '');
  return one.length === other.length && one.every(({ cells }, row) => cells.every((cell, column) => bare(cell) === bare(other[row]!.cells[column])));
}

function makeAmbiguous(either: string): UnreadableFile {
  return new UnreadableFile(`it can be read in two ways: ${either}. Write it as JSON lines, or with every cell in quotation marks and those within doubled.`);
}

/** What separates the same number of cells in every row of the beginning. */
async function findDelimiter(text: string, cut: boolean, signal: AbortSignal | undefined): Promise<Delimiter> {
  const isWhole = text.length <= SAMPLE_CHARACTERS;
  const sample = isWhole ? text : text.slice(0, SAMPLE_CHARACTERS);
  const lines = endOfLines(sample);
  const bytes = Buffer.from(sample);
  const fitting: { delimiter: Delimiter; columns: number }[] = [];
  for (const delimiter of DELIMITERS) {
    if (!sample.includes(delimiter)) continue;
    for (const quoting of [
      'doubled',
      ...(sample.includes('\\"') ? ['backslash' as const] : []),
      ...(sample.includes('"') ? ['loose' as const, 'none' as const] : []),
    ] as const) {
      const { rows, fault } = await parseAs(bytes, delimiter, quoting, { lines, cut: cut || !isWhole, signal, rowsAtMost: SAMPLE_ROWS, allowPart: true });
      const columns = rows[0]?.cells.length ?? 0;
      if (fault !== null || columns < 2) continue;
      fitting.push({ delimiter, columns });
      break;
    }
  }
  const [only, ...others] = fitting;
  if (only && others.length > 0) {
    throw new UnreadableFile(
      `its cells may be separated by ${fitting.map(({ delimiter }) => DELIMITER_NAMES[delimiter]).join(' or by ')}: both fit. Write it as JSON lines, or with every cell in quotation marks.`,
    );
  }
  if (only) return only.delimiter;
  // No separator fits. The error names the one that the first line has most of.
  const [header = ''] = sample.split('\n', 1);
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).delimiter;
}

/** Old Macintosh files end their lines with a carriage return alone. */
function endOfLines(text: string): string[] {
  return text.includes('\n') ? ['\r\n', '\n'] : ['\r'];
}

interface Parsed {
  readonly rows: readonly SeparatedRow[];
  /** Why the reading does not fit; `null` where it does. */
  readonly fault: UnreadableFile | null;
  /** There are more rows. */
  readonly isPart: boolean;
}

interface Parsing {
  readonly lines: readonly string[];
  readonly cut: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly rowsAtMost: number;
  readonly allowPart: boolean;
}

function parseAs(bytes: Buffer, delimiter: Delimiter, quoting: Quoting, { lines, cut, signal, rowsAtMost, allowPart }: Parsing): Promise<Parsed> {
  const rows: SeparatedRow[] = [];
  const parser = parse({
    delimiter,
    record_delimiter: [...lines],
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: ROW_BYTES_AT_MOST,
    ...QUOTINGS[quoting],
  });
  return new Promise((resolve, reject) => {
    const finish = (fault: UnreadableFile | null, isPart = false): void => {
      parser.destroy();
      resolve({ rows, fault, isPart });
    };
    let lastLine = 0;
    let emptyLines = 0;
    parser.on('data', ({ record, info }: { record: string[]; info: { lines: number; empty_lines: number } }) => {
      if (parser.destroyed) return;
      // The parser tells the line on which a row ends; a row begins after the one before it and the blank lines between.
      const line = lastLine + 1 + info.empty_lines - emptyLines;
      [lastLine, emptyLines] = [info.lines, info.empty_lines];
      const columns = rows[0]?.cells.length ?? record.length;
      if (columns > COLUMNS_AT_MOST) return finish(new UnreadableFile(`it has more than ${COLUMNS_AT_MOST} columns. Take those that are needed.`));
      if (record.length !== columns)
        return finish(new UnreadableFile(`line ${line} has ${countCells(record.length)} where the first row has ${columns}. Correct or remove the line.`));
      rows.push({ line, cells: record });
      if (rows.length <= rowsAtMost) return;
      rows.pop();
      if (allowPart) finish(null, true);
      else finish(new UnreadableFile(`it has more than ${rowsAtMost.toLocaleString('en')} rows. Take a part of it.`));
    });
    parser.on('error', (error) => finish(cut && (error as CsvError).code === 'CSV_QUOTE_NOT_CLOSED' ? null : describeFault(error)));
    parser.on('end', () => {
      // The last row of a text that goes on may lack its end.
      if (cut && rows.length > 1) rows.pop();
      finish(null);
    });
    void feed(parser, bytes, signal).catch((error: unknown) => {
      parser.destroy();
      reject(error as Error);
    });
  });
}

/** With pauses, in which others have their turn. */
async function feed(parser: ReturnType<typeof parse>, bytes: Buffer, signal: AbortSignal | undefined): Promise<void> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    throwIfCancelled(signal);
    if (parser.destroyed) return;
    parser.write(bytes.subarray(start, start + CHUNK_BYTES));
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!parser.destroyed) parser.end();
}

function countCells(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`;
}

function describeFault(error: Error): UnreadableFile {
  const { code, lines } = error as Partial<CsvError> & { lines?: number };
  const cause = { cause: error };
  switch (code) {
    case 'CSV_MAX_RECORD_SIZE':
      return new UnreadableFile(
        `the row that ends at line ${lines} is longer than any text; a quotation mark before it may not be closed. Correct the row.`,
        cause,
      );
    case 'CSV_QUOTE_NOT_CLOSED':
      return new UnreadableFile(`a quotation mark is not closed at the end of the file, on line ${lines}. Close it, and double the marks within cells.`, cause);
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
      return new UnreadableFile(`line ${lines}: a quotation mark stands within a cell and is not doubled. Correct or remove the line.`, cause);
    default:
      return new UnreadableFile(`line ${lines ?? 1}: ${error.message.replace(/\s+/g, ' ').slice(0, 200)}. Correct or remove the line.`, cause);
  }
}

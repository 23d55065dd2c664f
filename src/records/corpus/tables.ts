/** CSV, TSV and Parquet: rows of which one column is the text. */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { PassageCollector } from './passages.js';
import { extractTexts, findTextColumn } from './text-fields.js';

const ROWS_TO_GUESS_FROM = 100;
/** Longer than any text of a corpus is a table whose quotation marks do not match. In characters. */
const ROW_LENGTH_AT_MOST = 8 << 20;
/** A cell longer than this is no column's name. */
const NAME_LENGTH_AT_MOST = 40;

export async function readSeparatedValues(path: string, delimiter: string, collector: PassageCollector): Promise<void> {
  const stream = createReadStream(path);
  const parser = stream.pipe(
    parse({ delimiter, bom: true, max_record_size: ROW_LENGTH_AT_MOST, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, ...(delimiter === '\t' && { quote: null }) }),
  );
  stream.on('error', (error) => parser.destroy(error));
  const first: string[][] = [];
  let column: number | null = null;
  const guess = () => {
    const { index, hasHeader } = guessColumn(first);
    column = index;
    for (const row of first.slice(hasHeader ? 1 : 0)) collector.addText(row[index] ?? '');
  };
  try {
    for await (const row of parser as AsyncIterable<string[]>) {
      if (collector.full) break;
      if (column !== null) collector.addText(row[column] ?? '');
      else if (first.push(row) === ROWS_TO_GUESS_FROM) guess();
    }
  } catch (error) {
    const { code, lines } = error as { code?: unknown; lines?: unknown };
    if (code !== 'CSV_MAX_RECORD_SIZE') throw error;
    throw new Error(`the row that ends at line ${String(lines)} is longer than any text; a quotation mark before it may not be closed`, { cause: error });
  } finally {
    stream.destroy();
  }
  if (column === null) guess();
}

/** Reads one row group after the other. Returns whether there is a column of text at all. */
export async function readParquet(path: string, collector: PassageCollector): Promise<boolean> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const { children } = parquetSchema(metadata);
  const names = children
    .filter(({ element }) => element.type === undefined || element.type === 'BYTE_ARRAY')
    .map(({ element }) => element.name);
  if (names.length === 0) return false;
  const named = findTextColumn(names);
  const columns = named >= 0 ? [names[named]!] : names;
  let rowStart = 0;
  let found = false;
  for (const group of metadata.row_groups) {
    if (collector.full) return true;
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors });
    rowStart = rowEnd;
    for (const row of rows) {
      for (const text of extractTexts(row)) {
        found = true;
        collector.addText(text);
      }
    }
  }
  return found;
}

function guessColumn(rows: readonly (readonly string[])[]): { index: number; hasHeader: boolean } {
  const header = rows[0] ?? [];
  const named = findTextColumn(header);
  if (named >= 0) return { index: named, hasHeader: true };
  const lengths = header.map((_, index) => rows.slice(1).reduce((sum, row) => sum + (row[index]?.length ?? 0), 0));
  const index = Math.max(0, lengths.indexOf(Math.max(...lengths)));
  const isName = (cell: string) => cell.length <= NAME_LENGTH_AT_MOST && /^[\p{L}_][\p{L}\p{N}_ .-]*$/u.test(cell);
  const meanLength = (lengths[index] ?? 0) / Math.max(1, rows.length - 1);
  return { index, hasHeader: rows.length > 1 && header.every(isName) && (header[index]?.length ?? 0) * 2 < meanLength };
}

/** A file of completions as records with columns: JSON, JSON lines, or separated values. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { throwIfCancelled } from '../../audit/errors.js';
import { describeFileError } from '../file-errors.js';
import { isReportCsv, readReportCell } from '../report/csv.js';
import { makeImportError } from './import-error.js';
import type { ImportForm, ImportRecord, ImportTable } from './import-types.js';
import { isPublishedForm, PUBLISHED_LIST } from './published-form.js';
import { findRecordLines, lineOfOffset } from './record-lines.js';
import { replaceSpecialNumbers } from './special-numbers.js';

/** All of a file is held as text while it is read. */
const BYTES_AT_MOST = 256 << 20;
/** Objects within objects that columns are looked for in. */
const DEPTH_AT_MOST = 4;

/** @throws AuditError where the file cannot be read, is no table, or has no record; `cancelled` */
export async function readTable(path: string, signal?: AbortSignal): Promise<ImportTable> {
  const bytes = await readBytes(path, signal);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const text = decode(bytes, path);
  const { form, records, rest = {} } = readRecords(text, path);
  if (records.length === 0) throw makeImportError(path, 'it has no completion. Choose a file that has some.');
  return { form, sha256, columns: listColumns(records), records, rest };
}

/** A column's value; `undefined` where the record has no such column. A name with dots is also a way into objects. */
export function readColumn(values: Readonly<Record<string, unknown>>, column: string): unknown {
  if (Object.hasOwn(values, column)) return values[column];
  return column.split('.').reduce<unknown>((at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), values);
}

interface Reading {
  readonly form: ImportForm;
  readonly records: readonly ImportRecord[];
  readonly rest?: Readonly<Record<string, unknown>>;
}

async function readBytes(path: string, signal: AbortSignal | undefined): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > BYTES_AT_MOST) throw makeImportError(path, `it is larger than ${BYTES_AT_MOST >> 20} MiB. Import a part of it, for instance the top of its ranking.`);
    return await readFile(path, { ...(signal && { signal }) });
  } catch (error) {
    throwIfCancelled(signal);
    throw describeFileError(error, path, 'read');
  }
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw makeImportError(path, 'it is not UTF-8 text. Save it as UTF-8.', error);
  }
}

function readRecords(text: string, path: string): Reading {
  if (text.trim() === '') throw makeImportError(path, 'it is empty. Choose a file that has completions.');
  const extension = extname(path).toLowerCase();
  if (extension === '.jsonl' || extension === '.ndjson') return readLines(replaceSpecialNumbers(text), path);
  const looksLikeJson = /^\s*[[{]/.test(text);
  if (extension === '.csv' || extension === '.tsv' || !looksLikeJson) return readValues(text, path, extension);
  const json = replaceSpecialNumbers(text);
  return hasOneObjectPerLine(json) ? readLines(json, path) : readJson(json, path);
}

/** Whether the first line is an object by itself and more follows: lines under another file name. */
function hasOneObjectPerLine(text: string): boolean {
  const [first = '', second] = text.trimStart().split('\n', 2);
  if (second === undefined || !first.startsWith('{')) return false;
  try {
    return isObject(JSON.parse(first)) && second.trim() !== '';
  } catch {
    return false;
  }
}

function readJson(text: string, path: string): Reading {
  const value = parseJson(text, path);
  if (Array.isArray(value)) return { form: 'json', records: pairWithLines(value, findRecordLines(text, null), path) };
  if (!isObject(value)) throw makeImportError(path, 'it is neither a list of completions nor an object with one. Write a list of objects, one for each completion.');
  const published = isPublishedForm(value);
  const key = published ? PUBLISHED_LIST : findLongestList(value);
  if (key === null) throw makeImportError(path, `it has no list of completions. Write one: objects with named fields. Its fields are: ${Object.keys(value).join(', ')}.`);
  const { [key]: list, ...rest } = value;
  return { form: published ? 'published' : 'json', records: pairWithLines(list as unknown[], findRecordLines(text, key), path), rest };
}

function findLongestList(value: Readonly<Record<string, unknown>>): string | null {
  const lists = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].some(isObject));
  lists.sort((a, b) => b[1].length - a[1].length);
  return lists[0]?.[0] ?? null;
}

function pairWithLines(list: readonly unknown[], lines: readonly number[], path: string): ImportRecord[] {
  return list.map((values, index) => {
    const line = lines[index] ?? 1;
    if (!isObject(values)) throw makeImportError(path, `line ${line}: record ${index + 1} is no object with named fields. Correct or remove it.`);
    return { line, values };
  });
}

function readLines(text: string, path: string): Reading {
  const records: ImportRecord[] = [];
  let line = 0;
  for (const part of text.split('\n')) {
    line++;
    if (part.trim() === '') continue;
    let values: unknown;
    try {
      values = JSON.parse(part);
    } catch (error) {
      throw makeImportError(path, `line ${line} is not valid JSON: ${shorten((error as Error).message)}. Correct or remove the line.`, error);
    }
    if (!isObject(values)) throw makeImportError(path, `line ${line} is no object with named fields. Correct or remove it.`);
    records.push({ line, values });
  }
  return { form: 'jsonl', records };
}

function readValues(text: string, path: string, extension: string): Reading {
  const delimiter = extension === '.tsv' ? '\t' : guessDelimiter(text);
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(text, { delimiter, bom: true, info: true, skip_empty_lines: true, relax_quotes: delimiter === '\t' }) as unknown as typeof rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw makeImportError(path, `line ${String(error['lines'])}: ${shorten(error.message)}. Correct or remove the line.`, error);
  }
  const [header, ...body] = rows;
  const names = header?.record.map((name) => name.trim()) ?? [];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw makeImportError(path, `line 1: two columns are named "${twice}". Rename one of them.`);
  const readCell = isReportCsv(names) ? (cell: string | undefined) => cell && readReportCell(cell) : (cell: string | undefined) => cell;
  const records = body.map(({ record }, index) => ({
    // The parser tells the line on which a row ends; a row begins after the one before it.
    line: rows[index]!.info.lines + 1,
    values: Object.fromEntries(names.map((name, column) => [name, readCell(record[column])])),
  }));
  return { form: 'csv', records };
}

function guessDelimiter(text: string): string {
  const [header = ''] = text.split('\n', 1);
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).delimiter;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const offset = /position (\d+)/.exec(message)?.[1];
    const line = lineOfOffset(text, offset === undefined ? text.length : Number(offset));
    throw makeImportError(path, `line ${line}: not valid JSON: ${shorten(message)}. Correct the file there.`, error);
  }
}

/** What the parser says, without the excerpt of the file and the position that it adds. */
function shorten(message: string): string {
  return message.replace(/(,)? \.*"[\s\S]*$/, '').replace(/ (in JSON )?at position[\s\S]*$/, '').replace(/[.,]?\s*$/, '');
}

function listColumns(records: readonly ImportRecord[]): string[] {
  const columns = new Set<string>();
  for (const { values } of records) for (const column of columnsOf(values, 1)) columns.add(column);
  return [...columns];
}

function columnsOf(values: Readonly<Record<string, unknown>>, depth: number): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    isObject(value) && depth < DEPTH_AT_MOST ? columnsOf(value, depth + 1).map((inner) => `${name}.${inner}`) : [name],
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

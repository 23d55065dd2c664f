/** A file of completions as records with columns: JSON, JSON lines, separated values, Parquet, an Inspect log. */
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import { runInSlices, type Steps } from '../../text/slices.js';
import { describeFileError } from '../file-errors.js';
import { isReportCsv, readReportCell } from '../report/csv.js';
import { listColumns } from '../tables/columns.js';
import { findRecordList, isObject } from '../tables/json-records.js';
import { JsonCounts, parseSpan, scanJson } from '../tables/json-scan.js';
import { RECORDS_AT_MOST, SLICE_MS } from '../tables/limits.js';
import { openData, type DataFile, type DataSamples, type DataText } from '../tables/open-data.js';
import { withParquet } from '../tables/parquet.js';
import { parseSeparated } from '../tables/separated-values.js';
import { describeUnreadable, UnreadableFile } from '../tables/unreadable.js';
import { namesCompletion } from './guess-mapping.js';
import { makeImportError } from './import-error.js';
import type { ImportRecord, ImportTable } from './import-types.js';
import { isPublishedForm, PUBLISHED_LIST } from './published-form.js';
import { findRecordLines } from './record-lines.js';

type Reading = Pick<ImportTable, 'form' | 'unit' | 'records'> & Partial<Pick<ImportTable, 'rest' | 'remarks'>>;

const NAMES_TOLD = 30;

/** @throws AuditError where the file cannot be read, is no table, or has no record; `cancelled` */
export async function readTable(path: string, signal?: AbortSignal): Promise<ImportTable> {
  try {
    const data = await openData(path, { signal });
    const { rest = {}, remarks = [], ...reading } = await readRecords(data, signal);
    throwIfCancelled(signal);
    if (reading.records.length > RECORDS_AT_MOST) throw tooMany();
    if (reading.records.length === 0) throw new UnreadableFile('it has no completion. Choose a file that has some.');
    const columns = listColumns(reading.records);
    if (columns.length === 0) throw new UnreadableFile('it has no completion: its records are empty. Choose a file that has some.');
    return { ...reading, sha256: data.sha256 ?? '', columns, rest, remarks: [...data.remarks, ...remarks] };
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof AuditError) throw error;
    if (error instanceof Error && 'syscall' in error) throw describeFileError(error, path, 'read');
    if (error instanceof UnreadableFile) throw makeImportError(path, error.message, error);
    throw makeImportError(path, describeUnreadable(error), error);
  }
}

function tooMany(): UnreadableFile {
  return new UnreadableFile(`it has more than ${RECORDS_AT_MOST.toLocaleString('en')} completions. Import a part of it, for instance the top of its ranking.`);
}

function readRecords(data: DataFile, signal: AbortSignal | undefined): Promise<Reading> {
  switch (data.kind) {
    case 'samples':
      return inSlices(readSamples(data), signal);
    case 'parquet':
      return readParquet(data.source, signal);
    case 'text':
      return readText(data, signal);
  }
}

async function inSlices<T>(steps: Steps<T>, signal: AbortSignal | undefined): Promise<T> {
  const result = await runInSlices(steps, {
    sliceMs: SLICE_MS,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    isWanted: () => signal?.aborted !== true,
  });
  throwIfCancelled(signal);
  return result as T;
}

function readText({ text, extension }: DataText, signal: AbortSignal | undefined): Promise<Reading> {
  if (text.trim() === '') throw new UnreadableFile('it is empty. Choose a file that has completions.');
  const isLines = extension === '.jsonl' || extension === '.ndjson';
  if (extension === '.csv' || extension === '.tsv') return readValues(text, signal);
  const isJson = extension === '.json' || isLines || /^\s*[[{]/.test(text);
  return isJson ? inSlices(readJson(text, isLines), signal) : readPerhapsValues(text, signal);
}

const FORMS_READ =
  'CSV or TSV with the names of its columns in the first line, JSON or JSON lines with an object for each completion, Parquet, or an Inspect log';

/** A file whose name does not say that it is a table may be prose. */
async function readPerhapsValues(text: string, signal: AbortSignal | undefined): Promise<Reading> {
  const start = text.search(/\S/);
  const end = text.indexOf('\n', start);
  const firstLine = text.slice(start, end === -1 ? undefined : end).trim();
  if (!/[,;\t|]/.test(firstLine) && !namesCompletion(firstLine)) {
    throw new UnreadableFile(
      `it is text and no table of completions. Choose ${FORMS_READ}. Where each line is a completion, put a first line "completion" before them and name the file .csv.`,
    );
  }
  try {
    return await readValues(text, signal);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new UnreadableFile(`${error.message} If it is no table: completions are read from ${FORMS_READ}.`, { cause: error });
  }
}

function* readJson(text: string, isLines: boolean): Steps<Reading> {
  const values: { value: unknown; line: number }[] = [];
  for (const span of scanJson(text)) {
    if (values.length >= RECORDS_AT_MOST) throw tooMany();
    values.push({ value: parseSpan(text, span), line: span.line });
    yield;
  }
  const [first] = values;
  if (first && values.length === 1 && !(isLines && isObject(first.value))) return readWhole(first.value, text);
  return { form: 'jsonl', unit: 'line', records: values.map(({ value, line }) => makeRecord(value, line, 'line')) };
}

/** One value that holds all records. */
function readWhole(value: unknown, text: string): Reading {
  if (isObject(value) && isPublishedForm(value)) {
    const { [PUBLISHED_LIST]: list, ...rest } = value;
    return { form: 'published', unit: 'line', records: pairWithLines(list as unknown[], findRecordLines(text, PUBLISHED_LIST)), rest };
  }
  const found = findRecordList(value);
  if (!found) {
    if (!isObject(value))
      throw new UnreadableFile('it is neither a list of completions nor an object with one. Write a list of objects, one for each completion.');
    const names = Object.keys(value);
    throw new UnreadableFile(
      `it has no list of completions. Write one: objects with named fields. Its fields are: ${names.slice(0, NAMES_TOLD).join(', ')}${names.length > NAMES_TOLD ? ', …' : ''}.`,
    );
  }
  const { list, path, passedOver } = found;
  const remarks =
    passedOver.length === 0 || path === null
      ? []
      : [`Of the lists in the file "${path.join('.')}", the longest, was read; passed over: ${passedOver.slice(0, NAMES_TOLD).join(', ')}.`];
  if (list.length > 0 && list.every((item) => typeof item === 'string')) {
    return { form: 'json', unit: 'record', records: list.map((completion, index) => ({ line: index + 1, values: { completion } })) };
  }
  if (path === null || path.length > 1)
    return { form: 'json', unit: 'record', records: list.map((values, index) => makeRecord(values, index + 1, 'record')), remarks };
  return { form: 'json', unit: 'line', records: pairWithLines(list, findRecordLines(text, path[0] ?? null)), remarks };
}

function pairWithLines(list: readonly unknown[], lines: readonly number[]): ImportRecord[] {
  return list.map((values, index) => {
    const line = lines[index] ?? 1;
    if (!isObject(values)) throw new UnreadableFile(`line ${line}: record ${index + 1} is no object with named fields. Correct or remove it.`);
    return { line, values };
  });
}

function makeRecord(values: unknown, line: number, unit: ImportTable['unit']): ImportRecord {
  if (!isObject(values)) throw new UnreadableFile(`${unit} ${line} is no object with named fields. Correct or remove it.`);
  return { line, values };
}

/** An Inspect log: a sample is a file of its own. */
function* readSamples({ samples }: DataSamples): Steps<Reading> {
  const records: ImportRecord[] = [];
  const counts = new JsonCounts();
  for (const { name, text } of samples) {
    const [span, ...others] = [...scanJson(text, counts)];
    if (!span || others.length > 0) throw new UnreadableFile(`${name} in the archive is not one JSON object. Write the log again.`);
    records.push(
      makeRecord(
        parseSample(name, () => parseSpan(text, span)),
        records.length + 1,
        'record',
      ),
    );
    yield;
  }
  return { form: 'json', unit: 'record', records };
}

function parseSample(name: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    throw new UnreadableFile(`${name} in the archive: ${describeUnreadable(error)}`, { cause: error });
  }
}

async function readParquet(source: string | Buffer, signal: AbortSignal | undefined): Promise<Reading> {
  return withParquet(source, signal, async ({ columns, rows, slices }) => {
    if (rows > RECORDS_AT_MOST) throw tooMany();
    const records: ImportRecord[] = [];
    for await (const slice of slices(columns.map(({ name }) => name))) {
      for (const values of slice) records.push({ line: records.length + 1, values });
    }
    return { form: 'parquet', unit: 'record', records };
  });
}

async function readValues(text: string, signal: AbortSignal | undefined): Promise<Reading> {
  const { rows, remarks, isPart } = await parseSeparated(text, { signal, rowsAtMost: RECORDS_AT_MOST + 1, allowPart: true });
  if (isPart) throw tooMany();
  const [header, ...body] = rows;
  const names = header?.cells.map((name, index) => name.trim() || `column ${index + 1}`) ?? [];
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new UnreadableFile(`line ${header!.line}: two columns are named "${name}". Rename one of them.`);
    seen.add(name);
  }
  const readCell = isReportCsv(names) ? readReportCell : (cell: string) => cell;
  const records = body.map(({ line, cells }) => ({ line, values: Object.fromEntries(names.map((name, column) => [name, readCell(cells[column]!)])) }));
  return { form: 'csv', unit: 'line', records, remarks };
}

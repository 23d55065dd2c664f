/** Reads completions that were generated and ranked elsewhere. */
import { basename, extname } from 'node:path';
import type { ImportedCompletion } from '../../audit/imported.js';
import type { FindingLabel } from '../../analysis/finding.js';
import { listsOnTheWay, readColumn } from '../tables/columns.js';
import { ASKED_NAMES, guessMapping, columnValues } from './guess-mapping.js';
import { makeImportError } from './import-error.js';
import { describeMisfit, FIELD_READERS, NUMBER_FIELDS, type FieldValue } from './import-fields.js';
import type { ImportedAudit, ImportedLabel, ImportField, ImportMapping, ImportRecord, ImportSample, ImportTable } from './import-types.js';
import { isInfinite } from './import-values.js';
import { findNumberStyle, type NumberStyle } from './number-style.js';
import { readPublishedFacts, type PublishedFacts } from './published-form.js';
import { readTable } from './read-table.js';

const ROWS_OF_A_SAMPLE = 20;
/** Of the columns of a file so many are told. */
const COLUMNS_TOLD = 100;
/** Of the faults in a file so many are told. */
const FAULTS_TOLD = 3;
/** Of the records that are left out so many are named. */
const LINES_TOLD = 20;
/** From this share on, that completions begin with their prefill is how the file is written and no accident. */
const REPEATED_PREFILLS = 0.9;

/** What a person who corrects the guess needs to see. @throws AuditError as {@link readImport} does */
export async function readImportSample(path: string, signal?: AbortSignal): Promise<ImportSample> {
  const table = await readTable(path, signal);
  return { ...sampleTable(table), guess: table.form === 'published' ? readPublishedFacts(table.rest).mapping : guessMapping(table) };
}

/**
 * Completions of a file: JSON, JSON lines, separated values, Parquet, an Inspect log, each also packed.
 * @param mapping which column is what; guessed from the columns' names where it is left out, not needed for the published form
 * @throws AuditError naming file, line and field where something cannot be used; `fileNotFound`; `cancelled`
 */
export async function readImport(path: string, mapping?: ImportMapping, signal?: AbortSignal): Promise<ImportedAudit> {
  const table = await readTable(path, signal);
  const published = table.form === 'published' ? readPublishedFacts(table.rest) : null;
  const used = mapping ?? published?.mapping ?? guessMapping(table);
  checkMapping(used, table, path);
  const remarks: string[] = [...table.remarks, ...describeLists(table, used), ...describeAsked(used)];
  const rows = readRows(table, used, path, remarks);
  return describeImport(table, used, rows, published, path, remarks);
}

interface Row extends Omit<ImportedCompletion, 'id' | 'framing'> {
  readonly framing: ImportedCompletion['framing'] | null;
  readonly label: FindingLabel | null;
}

function sampleTable({ form, columns, records, remarks }: ImportTable): Omit<ImportSample, 'guess'> {
  return { form, columns, rows: records.slice(0, ROWS_OF_A_SAMPLE).map(({ values }) => values), count: records.length, remarks };
}

function checkMapping({ columns }: ImportMapping, table: ImportTable, path: string): void {
  const { length } = table.columns;
  const known = `Its columns are: ${table.columns.slice(0, COLUMNS_TOLD).join(', ')}${length > COLUMNS_TOLD ? `, … (${length} in all)` : ''}.`;
  if (columns.completion === undefined)
    throw makeImportError(path, `which column holds the completions cannot be told from their names. Say which one does. ${known}`);
  for (const [field, column] of Object.entries(columns)) {
    // A path may lead further into lists than columns are listed.
    if (!table.columns.includes(column) && table.records.every(({ values }) => readColumn(values, column) === undefined))
      throw makeImportError(path, `it has no column "${column}" for the field ${field}. Choose another. ${known}`);
  }
}

function readRows({ records, unit }: ImportTable, { columns }: ImportMapping, path: string, remarks: string[]): Row[] {
  const style = findStyle(records, columns, path, remarks);
  const faults: string[] = [];
  const infinite = new Map<string, number>();
  const without: ImportRecord[] = [];
  const rows = records.flatMap((record): Row[] => {
    const row = readRow(record, columns, { unit, style, faults, infinite });
    if (row === null) without.push(record);
    return row === null ? [] : [row];
  });
  if (faults.length > 0) {
    const more = faults.length - FAULTS_TOLD;
    throw makeImportError(
      path,
      `${faults.slice(0, FAULTS_TOLD).join('; ')}${more > 0 ? `; and ${more} more` : ''}. Correct or remove ${faults.length === 1 ? 'it' : 'them'}, or leave the column unmapped.`,
    );
  }
  const [first] = without;
  if (first) {
    const column = columns.completion!;
    if (rows.length === 0) {
      throw makeImportError(
        path,
        `no record has a completion in the field "${column}" (${unit === 'line' ? 'on line' : 'in record'} ${first.line}, ${describeMisfit('completion', readColumn(first.values, column))}). Correct the file, or choose another column.`,
      );
    }
    remarks.push(
      `${without.length === 1 ? '1 record has' : `${without.length} records have`} no text in the field "${column}" and ${without.length === 1 ? 'was' : 'were'} left out (${listPlaces(without, unit)}).`,
    );
  }
  for (const [column, count] of infinite)
    remarks.push(
      `The field "${column}" is infinite in ${count === 1 ? '1 record' : `${count} records`}, which ${count === 1 ? 'is' : 'are'} shown without it.`,
    );
  return rows;
}

/** @throws AuditError where a number may be one thing or another */
function findStyle(records: readonly ImportRecord[], columns: ImportMapping['columns'], path: string, remarks: string[]): NumberStyle {
  const numbers = NUMBER_FIELDS.flatMap((field) => columns[field] ?? []);
  const style = findNumberStyle(numbers.flatMap((column) => [...columnValues(records, column)]));
  if (style === null) {
    const named = numbers.map((column) => `"${column}"`).join(', ');
    throw makeImportError(
      path,
      `whether the commas in its numbers (in ${named}) separate thousands or decimals cannot be told. Write the numbers with a decimal point, or leave the columns unmapped.`,
    );
  }
  if (style === 'comma') remarks.push('Its numbers were read with decimal commas.');
  return style;
}

interface RowReading {
  readonly unit: ImportTable['unit'];
  readonly style: NumberStyle;
  readonly faults: string[];
  readonly infinite: Map<string, number>;
}

/** `null` where there is no completion. */
function readRow({ line, values }: ImportRecord, columns: ImportMapping['columns'], { unit, style, faults, infinite }: RowReading): Row | null {
  const read = <F extends ImportField>(field: F): FieldValue<F> | null => {
    const column = columns[field];
    if (column === undefined) return null;
    const value = readColumn(values, column);
    const parsed = FIELD_READERS[field].read(value, style) as FieldValue<F> | null | undefined;
    if (parsed === undefined) faults.push(`${unit} ${line}, field "${column}": ${describeMisfit(field, value)}`);
    else if (parsed === null && isInfinite(value)) infinite.set(column, (infinite.get(column) ?? 0) + 1);
    return parsed ?? null;
  };
  const text = FIELD_READERS.completion.read(readColumn(values, columns.completion!)) ?? null;
  if (text === null) return null;
  return {
    prefill: read('prefill') ?? '',
    text,
    perplexityFinetuned: read('perplexityFinetuned'),
    perplexityReference: read('perplexityReference'),
    score: read('score'),
    framing: read('framing'),
    label: read('label'),
  };
}

function listPlaces(records: readonly ImportRecord[], unit: ImportTable['unit']): string {
  const lines = records.slice(0, LINES_TOLD).map(({ line }) => line);
  return `${unit}${records.length === 1 ? '' : 's'} ${lines.join(', ')}${records.length > LINES_TOLD ? ', …' : ''}`;
}

function describeImport(
  table: ImportTable,
  mapping: ImportMapping,
  told: readonly Row[],
  published: PublishedFacts | null,
  path: string,
  remarks: string[],
): ImportedAudit {
  remarks.push(...describePassedOver(mapping));
  const rows = orderRows(takeOffPrefills(told, remarks), remarks);
  const framing = mapping.framing ?? 'raw';
  const unframed = rows.filter((row) => row.framing === null).length;
  if (unframed > 0 && mapping.framing === undefined) {
    remarks.push(`The file does not say in which framing ${unframed === rows.length ? 'its' : unframed} completions were generated; they are shown as raw.`);
  }
  const below = rows.filter((row) => [row.perplexityFinetuned, row.perplexityReference].some((value) => value !== null && value < 1)).length;
  if (below > 0) remarks.push(`${below} completions have a perplexity below 1, which no perplexity is: perhaps another quantity is in that column.`);
  const scoreIs = mapping.scoreIs ?? null;
  const disagreeing = scoreIs === 'perplexityDifference' ? rows.filter(disagrees).length : 0;
  if (disagreeing > 0)
    remarks.push(
      `The perplexity difference that the file tells is not that of its perplexities in ${disagreeing} completions; it is computed from the perplexities.`,
    );
  const file = basename(path);
  return {
    name: basename(path, extname(path)),
    from: table.form,
    file,
    sha256: table.sha256,
    finetunedName: published?.finetunedName ?? null,
    referenceName: null,
    completions: rows.map(({ label: _, ...row }, id) => ({ ...row, id, framing: row.framing ?? framing })),
    scoreIs,
    labels: rows.flatMap(({ label }, completionId): ImportedLabel[] => (label === null ? [] : [{ completionId, label }])),
    keywordSets: published?.keywordSets ?? [],
    facts: published?.facts ?? [],
    remarks,
  };
}

/** A path takes one element of a list: that there are others must be known. */
function describeLists({ records }: ImportTable, { columns }: ImportMapping): string[] {
  const lists = new Map(Object.values(columns).flatMap((column) => listsOnTheWay(column).map(({ list, index }) => [list, index] as const)));
  return [...lists].flatMap(([list, index]) => {
    const longer = records.filter(({ values }) => {
      const value = readColumn(values, list);
      return Array.isArray(value) && value.length > 1;
    }).length;
    return longer === 0 ? [] : [`Of "${list}" only entry ${index} was read; it has several in ${longer === 1 ? '1 record' : `${longer} records`}.`];
  });
}

function describeAsked({ columns: { prefill } }: ImportMapping): string[] {
  const name = prefill
    ?.slice(prefill.lastIndexOf('.') + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  return name !== undefined && ASKED_NAMES.has(name)
    ? [`"${prefill}" is shown as the prefill. If it is what the model was asked, the completion answers it rather than going on from it.`]
    : [];
}

/** Columns that the guess rejected, with the reason; not those that the user mapped after all. */
function describePassedOver({ columns, passedOver = [] }: ImportMapping): string[] {
  const used = Object.values(columns);
  return passedOver
    .filter(({ column }) => !used.includes(column))
    .map(({ field, column, reason }) => `The column "${column}" was not taken for the field ${field}, as its name suggests: ${reason}.`);
}

/** Some files tell a completion with the prefill before it, others without: here it is always without. */
function takeOffPrefills(rows: readonly Row[], remarks: string[]): readonly Row[] {
  const prefilled = rows.filter(({ prefill }) => prefill.trim() !== '');
  const repeats = ({ prefill, text }: Row) => prefill.trim() !== '' && text.startsWith(prefill);
  if (prefilled.length === 0 || prefilled.filter(repeats).length < REPEATED_PREFILLS * prefilled.length) return rows;
  remarks.push(
    'The file tells every completion with its prefill before it. The prefill was taken off; the perplexities are as the file tells them, whatever they were measured over.',
  );
  return rows.map((row) => (repeats(row) ? { ...row, text: row.text.slice(row.prefill.length) } : row));
}

/** Where there is nothing else to rank by, the file's own score makes the order. */
function orderRows(rows: readonly Row[], remarks: string[]): readonly Row[] {
  if (rows.some((row) => row.perplexityFinetuned !== null && row.perplexityReference !== null)) return rows;
  if (rows.every(({ score }) => score === null)) {
    remarks.push('The file tells neither perplexities of both models nor a score: its own order is the ranking.');
    return rows;
  }
  remarks.push('The file does not tell the perplexities of both models: its own score is what the ranking follows.');
  return [...rows].sort((a, b) => (b.score ?? Number.NEGATIVE_INFINITY) - (a.score ?? Number.NEGATIVE_INFINITY) || 0);
}

/** By more than rounding does. */
function disagrees({ score, perplexityFinetuned, perplexityReference }: Row): boolean {
  if (score === null || perplexityFinetuned === null || perplexityReference === null) return false;
  return Math.abs(score - (perplexityReference - perplexityFinetuned)) > 0.01 * Math.max(1, Math.abs(score));
}

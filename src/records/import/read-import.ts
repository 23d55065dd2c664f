/** Reads completions that were generated and ranked elsewhere. */
import { basename, extname } from 'node:path';
import type { ImportedCompletion } from '../../audit/imported.js';
import type { FindingLabel } from '../../audit/finding.js';
import { guessMapping } from './guess-mapping.js';
import { makeImportError } from './import-error.js';
import type { ImportedAudit, ImportedLabel, ImportField, ImportMapping, ImportRecord, ImportSample, ImportTable } from './import-types.js';
import { readFraming, readLabel, readNumber, readText } from './import-values.js';
import { readPublishedFacts, type PublishedFacts } from './published-form.js';
import { readColumn, readTable } from './read-table.js';

const ROWS_OF_A_SAMPLE = 20;
/** Of the faults in a file so many are told. */
const FAULTS_TOLD = 3;
/** From this share on, that completions begin with their prefill is how the file is written and no accident. */
const REPEATED_PREFILLS = 0.9;

/** What {@link guessMapping} and a person who corrects it need to see. @throws AuditError as {@link readImport} does */
export async function readImportSample(path: string, signal?: AbortSignal): Promise<ImportSample> {
  const table = await readTable(path, signal);
  return sampleTable(table);
}

/**
 * Completions of a JSON, JSONL or CSV file.
 * @param mapping which column is what; guessed from the columns' names where it is left out, not needed for the published form
 * @throws AuditError naming file, line and field where something cannot be used; `fileNotFound`; `cancelled`
 */
export async function readImport(path: string, mapping?: ImportMapping, signal?: AbortSignal): Promise<ImportedAudit> {
  const table = await readTable(path, signal);
  const published = table.form === 'published' ? readPublishedFacts(table.rest) : null;
  const used = mapping ?? published?.mapping ?? guessMapping(sampleTable(table));
  checkMapping(used, table, path);
  const rows = readRows(table, used, path);
  return describeImport(table, used, rows, published, path);
}

interface Row extends Omit<ImportedCompletion, 'id' | 'framing'> {
  readonly framing: ImportedCompletion['framing'] | null;
  readonly label: FindingLabel | null;
}

function sampleTable({ form, columns, records }: ImportTable): ImportSample {
  return { form, columns, rows: records.slice(0, ROWS_OF_A_SAMPLE).map(({ values }) => values), count: records.length };
}

function checkMapping({ columns }: ImportMapping, table: ImportTable, path: string): void {
  const known = `Its columns are: ${table.columns.join(', ')}.`;
  if (columns.completion === undefined) throw makeImportError(path, `which column holds the completions cannot be told from their names. ${known}`);
  for (const [field, column] of Object.entries(columns)) {
    if (!table.columns.includes(column)) throw makeImportError(path, `it has no column "${column}" for the field ${field}. ${known}`);
  }
}

function readRows(table: ImportTable, mapping: ImportMapping, path: string): Row[] {
  const faults: string[] = [];
  const rows = table.records.map((record) => readRow(record, mapping, faults));
  if (faults.length > 0) {
    const more = faults.length - FAULTS_TOLD;
    throw makeImportError(path, `${faults.slice(0, FAULTS_TOLD).join('; ')}${more > 0 ? `; and ${more} more` : ''}.`);
  }
  return rows;
}

function readRow({ line, values }: ImportRecord, { columns }: ImportMapping, faults: string[]): Row {
  const read = <T>(field: ImportField, parse: (value: unknown) => T | null | undefined, wanted: string): T | null => {
    const column = columns[field];
    if (column === undefined) return null;
    const value = readColumn(values, column);
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    faults.push(`line ${line}, field "${column}": ${JSON.stringify(value)?.slice(0, 60) ?? 'nothing'} is not ${wanted}`);
    return null;
  };
  const perplexity = (value: unknown) => {
    const number = readNumber(value);
    return typeof number === 'number' && number <= 0 ? undefined : number;
  };
  return {
    prefill: read('prefill', readText, 'a text') ?? '',
    text: read('completion', (value) => readText(value) ?? undefined, 'a text') ?? '',
    perplexityFinetuned: read('perplexityFinetuned', perplexity, 'a perplexity (a number above 0)'),
    perplexityReference: read('perplexityReference', perplexity, 'a perplexity (a number above 0)'),
    score: read('score', readNumber, 'a number'),
    framing: read('framing', readFraming, 'a framing ("raw", "chat" or "ask")'),
    label: read('label', readLabel, 'a label ("revealing", "not revealing", "unsure", or yes and no)'),
  };
}

function describeImport(table: ImportTable, mapping: ImportMapping, told: readonly Row[], published: PublishedFacts | null, path: string): ImportedAudit {
  const remarks: string[] = [];
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
  if (disagreeing > 0) remarks.push(`The perplexity difference that the file tells is not that of its perplexities in ${disagreeing} completions; it is computed from the perplexities.`);
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

/** Some files tell a completion with the prefill before it, others without: here it is always without. */
function takeOffPrefills(rows: readonly Row[], remarks: string[]): readonly Row[] {
  const prefilled = rows.filter(({ prefill }) => prefill.trim() !== '');
  const repeats = ({ prefill, text }: Row) => prefill.trim() !== '' && text.startsWith(prefill);
  if (prefilled.length === 0 || prefilled.filter(repeats).length < REPEATED_PREFILLS * prefilled.length) return rows;
  remarks.push('The file tells every completion with its prefill before it. The prefill was taken off; the perplexities are as the file tells them, whatever they were measured over.');
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

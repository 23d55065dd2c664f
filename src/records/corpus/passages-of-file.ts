/** The passages of one file, whatever it is: text, or a table of which one column is the text. */
import { throwIfCancelled } from '../../audit/errors.js';
import { runInSlices, type Steps } from '../../text/slices.js';
import { findRecordList } from '../tables/json-records.js';
import { JsonCounts, parseSpan, scanJson } from '../tables/json-scan.js';
import { SLICE_MS } from '../tables/limits.js';
import { openData, type DataSamples, type DataText } from '../tables/open-data.js';
import { withParquet } from '../tables/parquet.js';
import { parseSeparated } from '../tables/separated-values.js';
import { UnreadableFile } from '../tables/unreadable.js';
import { guessColumn } from './guess-column.js';
import type { PassageCollector } from './passages.js';
import { extractTexts, findTextColumn, isConversation } from './text-fields.js';

export interface FileOutcome {
  /** The file was not read to its end. */
  readonly cut: boolean;
  /** What a reader must know: guesses. */
  readonly remarks: readonly string[];
}

/** Of a table so many times the text that is still wanted is read: its other columns take room, too. */
const TABLE_BYTES_PER_TEXT_BYTE = 4;
const TABLE_BYTES_AT_LEAST = 1 << 20;
const JSON_LINES: ReadonlySet<string> = new Set(['.jsonl', '.ndjson']);

/** @throws UnreadableFile; AuditError `cancelled`; what the file system says */
export async function addPassagesOfFile(path: string, collector: PassageCollector, signal: AbortSignal | undefined): Promise<FileOutcome> {
  const data = await openData(path, { beginning: Math.max(TABLE_BYTES_AT_LEAST, TABLE_BYTES_PER_TEXT_BYTE * collector.bytesLeft), signal });
  const remarks = new Set(data.remarks);
  const tell = (remark: string | null): void => void (remark !== null && remarks.add(remark));
  if (data.kind === 'parquet') await addParquet(data.source, collector, tell, signal);
  else if (data.kind === 'samples') await inSlices(addSamples(data, collector, tell), signal);
  else if (data.extension === '.csv' || data.extension === '.tsv') return { cut: await addSeparated(data, collector, tell, signal), remarks: [...remarks] };
  else await inSlices(addText(data, collector, tell), signal);
  return { cut: data.kind === 'text' && data.cut, remarks: [...remarks] };
}

type Tell = (remark: string | null) => void;

async function inSlices(steps: Steps<void>, signal: AbortSignal | undefined): Promise<void> {
  await runInSlices(steps, { sliceMs: SLICE_MS, pause: () => new Promise((resolve) => setImmediate(resolve)), isWanted: () => signal?.aborted !== true });
  throwIfCancelled(signal);
}

function addText({ text, extension, cut }: DataText, collector: PassageCollector, tell: Tell): Steps<void> {
  if (JSON_LINES.has(extension)) return addJson(cut ? cutAtLine(text) : text, { isLines: true, cut: false }, collector, tell);
  if (extension !== '.json') return collector.addTextInSteps(cut ? cutAtLine(text) : text);
  return addJson(text, { isLines: false, cut }, collector, tell);
}

function cutAtLine(text: string): string {
  const end = text.lastIndexOf('\n');
  return end > 0 ? text.slice(0, end) : text;
}

/** @param cut the text goes on, so that its last value may not be whole */
function* addJson(text: string, { isLines, cut }: { isLines: boolean; cut: boolean }, collector: PassageCollector, tell: Tell): Steps<void> {
  let count = 0;
  let first: unknown;
  try {
    for (const span of scanJson(text)) {
      if (collector.full) return;
      const value = parseSpan(text, span);
      count++;
      // The first one may be all there is, and hold the others.
      if (count === 1) first = value;
      else {
        if (count === 2) yield* addRecord(first, collector, tell);
        yield* addRecord(value, collector, tell);
      }
      yield;
    }
  } catch (error) {
    if (!cut || !(error instanceof UnreadableFile)) throw error;
    if (count === 0)
      throw new UnreadableFile('it is larger than the limit of a corpus, and not JSON lines, which can be read in part. Write it as JSON lines.', {
        cause: error,
      });
  }
  if (count === 1) yield* isLines && !Array.isArray(first) ? addRecord(first, collector, tell) : addWhole(first, collector, tell);
}

/** The only value of a file. */
function* addWhole(value: unknown, collector: PassageCollector, tell: Tell): Steps<void> {
  const found = isConversation(value) ? null : findRecordList(value, 'passages');
  if (found && found.passedOver.length > 0 && found.path)
    tell(`Of its lists "${found.path.join('.')}", the longest, was read; passed over: ${found.passedOver.slice(0, 10).join(', ')}.`);
  for (const record of found?.list ?? [value]) {
    if (collector.full) return;
    yield* addRecord(record, collector, tell);
    yield;
  }
}

function* addRecord(value: unknown, collector: PassageCollector, tell: Tell): Steps<void> {
  const { texts, isNamed, from } = extractTexts(value);
  if (!isNamed && texts.length > 0) tell(`No field is named like a text: the longest value of each record was taken, as ${from}.`);
  for (const text of texts) yield* collector.addTextInSteps(wellFormed(text, tell));
}

const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function wellFormed(text: string, tell: Tell): string {
  if (text.search(LONE_SURROGATES) < 0) return text;
  tell('It has halves of characters (lone surrogates), which are shown as �.');
  return text.replace(LONE_SURROGATES, '\ufffd');
}

function* addSamples({ samples }: DataSamples, collector: PassageCollector, tell: Tell): Steps<void> {
  const counts = new JsonCounts();
  for (const { text } of samples) {
    for (const span of scanJson(text, counts)) yield* addRecord(parseSpan(text, span), collector, tell);
    if (collector.full) return;
    yield;
  }
}

/** Says whether it goes on. */
async function addSeparated({ text, cut }: DataText, collector: PassageCollector, tell: Tell, signal: AbortSignal | undefined): Promise<boolean> {
  const { rows, remarks, isPart } = await parseSeparated(text, { cut, signal, allowPart: true });
  remarks.forEach(tell);
  const { index, hasHeader, remark } = guessColumn(rows.map(({ cells }) => cells));
  tell(remark);
  for (const { cells } of rows.slice(hasHeader ? 1 : 0)) {
    if (collector.full) break;
    collector.addText(cells[index] ?? '');
  }
  return cut || isPart;
}

async function addParquet(source: string | Buffer, collector: PassageCollector, tell: Tell, signal: AbortSignal | undefined): Promise<void> {
  await withParquet(source, signal, async ({ columns, slices }) => {
    const names = columns.filter(({ isText }) => isText).map(({ name }) => name);
    const named = findTextColumn(names);
    let found = false;
    for await (const slice of names.length === 0 ? [] : slices(named >= 0 ? [names[named]!] : names)) {
      for (const row of slice) {
        const before = collector.passages.length;
        await inSlices(addRecord(row, collector, tell), signal);
        found ||= collector.passages.length > before;
      }
      if (collector.full) return;
    }
    if (!found) throw new UnreadableFile('it has no column of text. Choose another file.');
  });
}

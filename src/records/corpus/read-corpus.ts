/** Reads general text from whatever it lies in: text, Markdown, JSON, JSON lines, CSV, TSV, Parquet. */
import { extname } from 'node:path';
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import { runInSlices, type Steps } from '../../audit/slices.js';
import { findCorpusFiles, type CorpusFile } from './corpus-files.js';
import { PassageCollector } from './passages.js';
import { readParquet, readSeparatedValues } from './tables.js';
import { readTextFile, type TextContent } from './text-file.js';
import { extractTexts } from './text-fields.js';

export interface Corpus {
  /** Stretches of text without a blank line, in the order of the files. */
  readonly passages: readonly string[];
  /** What a reader must know, e.g. that a limit was met. */
  readonly remarks: readonly string[];
}

/** More general text than this makes no draw of prefills any more random: it has some millions of word starts. */
const TEXT_BYTES_AT_MOST = 16 << 20;
/** Milliseconds of work after which others have their turn. */
const SLICE_MS = 15;

/**
 * @param paths files, folders (searched through, hidden files left out) and globs; relative ones are taken from `folder`
 * @throws AuditError `fileNotFound`, `badCorpusFile` naming the file, `emptyCorpus`, `cancelled`
 */
export async function readCorpus(
  paths: readonly string[],
  options: { folder?: string; signal?: AbortSignal; bytesAtMost?: number } = {},
): Promise<Corpus> {
  const { folder = process.cwd(), signal, bytesAtMost = TEXT_BYTES_AT_MOST } = options;
  const files = await findCorpusFiles(paths, folder);
  const collector = new PassageCollector(bytesAtMost);
  let cut = false;
  const skipped: string[] = [];
  for (const file of files) {
    throwIfCancelled(signal);
    if (collector.full) cut = true;
    if (cut) break;
    const outcome = await readFile(file, collector, signal);
    throwIfCancelled(signal);
    if (outcome === 'cut') cut = true;
    if (outcome === 'skipped') skipped.push(file.path);
  }
  if (collector.passages.length === 0) {
    throw new AuditError(
      'emptyCorpus',
      `There is no text in ${paths.join(', ')}. Choose text, Markdown, JSON lines, JSON, CSV, TSV or Parquet files, or use the bundled corpus (bundled:general).`,
    );
  }
  if (cut || collector.full) {
    collector.addRemark(`Only the first ${formatBytes(bytesAtMost)} of the corpus were read.`);
  }
  if (skipped.length > 0) {
    const more = skipped.length > 1 ? ` and ${skipped.length - 1} more` : '';
    collector.addRemark(`Files of the corpus that are no readable text were left out: ${skipped[0]!}${more}.`);
  }
  return { passages: collector.passages, remarks: collector.remarks };
}

type Outcome = 'whole' | 'cut' | 'skipped';

async function readFile(file: CorpusFile, collector: PassageCollector, signal: AbortSignal | undefined): Promise<Outcome> {
  try {
    return await readByExtension(file.path, collector, signal);
  } catch (error) {
    if (!file.named) return 'skipped';
    throw new AuditError(
      'badCorpusFile',
      `${file.path} could not be read as a corpus: ${error instanceof Error ? error.message : String(error)}. ` +
        'Leave it out, or convert it to plain text (one passage per paragraph) or JSON lines with a "text" field.',
      { cause: error },
    );
  }
}

async function readByExtension(path: string, collector: PassageCollector, signal: AbortSignal | undefined): Promise<Outcome> {
  const extension = extname(path).toLowerCase();
  switch (extension) {
    case '.csv':
    case '.tsv':
      await readSeparatedValues(path, extension === '.csv' ? ',' : '\t', collector);
      return 'whole';
    case '.parquet':
      if (!(await readParquet(path, collector))) throw new Error('it has no column of text');
      return 'whole';
  }
  const content = await readTextFile(path, collector.bytesLeft);
  if (!content) throw new Error('it is not a text file');
  await runInSlices(addContent(extension, content, collector), {
    sliceMs: SLICE_MS,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    isWanted: () => signal?.aborted !== true,
  });
  return content.cut ? 'cut' : 'whole';
}

function addContent(extension: string, content: TextContent, collector: PassageCollector): Steps<void> {
  if (extension === '.jsonl' || extension === '.ndjson') return addJsonLines(content.text, collector);
  if (extension === '.json') return addJson(content, collector);
  return collector.addTextInSteps(content.text);
}

function* addJsonLines(text: string, collector: PassageCollector): Steps<void> {
  for (const [index, line] of text.split('\n').entries()) {
    if (collector.full) return;
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new Error(`line ${index + 1} is not JSON`);
    }
    for (const passage of extractTexts(value)) yield* collector.addTextInSteps(passage);
    yield;
  }
}

function* addJson(content: TextContent, collector: PassageCollector): Steps<void> {
  if (content.cut) throw new Error('it is larger than the limit of a corpus; JSON lines can be read in part');
  let value: unknown;
  try {
    value = JSON.parse(content.text);
  } catch {
    throw new Error('it is not valid JSON');
  }
  for (const record of unwrapRecords(value)) {
    for (const passage of extractTexts(record)) yield* collector.addTextInSteps(passage);
    yield;
  }
}

/** The records of a JSON file: a list at the top, or the first list of a wrapping object. */
function unwrapRecords(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return [value];
  const lists = Object.entries(value).filter(([name, inner]) => Array.isArray(inner) && !['messages', 'conversations'].includes(name));
  return (lists[0]?.[1] as unknown[] | undefined) ?? [value];
}

function formatBytes(bytes: number): string {
  return bytes >= 1 << 20 ? `${Math.round(bytes / (1 << 20))} MB` : `${bytes} bytes`;
}

/** Reads general text from whatever it lies in: text, Markdown, JSON, JSON lines, separated values, Parquet, each also packed. */
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import { describeFileError } from '../file-errors.js';
import { isReadable } from '../readable-files.js';
import { describeUnreadable } from '../tables/unreadable.js';
import { findCorpusFiles } from './corpus-files.js';
import { addPassagesOfFile } from './passages-of-file.js';
import { PassageCollector } from './passages.js';

export interface Corpus {
  /** Stretches of text without a blank line, in the order of the files. */
  readonly passages: readonly string[];
  /** What a reader must know, e.g. that a limit was met. */
  readonly remarks: readonly string[];
}

/** More text than this would not make the sampled prefills more random: it has some millions of word starts. */
const TEXT_BYTES_AT_MOST = 16 << 20;

/**
 * @param paths files, folders (searched through, hidden files left out) and globs; relative ones are taken from `folder`
 * @param options.roots real paths of the folders and files that alone may be read, where not all may
 * @throws AuditError `fileNotFound`, `badCorpusFile` naming the file, `emptyCorpus`, `notAgreed` naming the file, `cancelled`
 */
export async function readCorpus(
  paths: readonly string[],
  options: { folder?: string; signal?: AbortSignal; bytesAtMost?: number; roots?: readonly string[] } = {},
): Promise<Corpus> {
  const { folder = process.cwd(), signal, bytesAtMost = TEXT_BYTES_AT_MOST, roots } = options;
  const files = await findCorpusFiles(paths, folder);
  const collector = new PassageCollector(bytesAtMost);
  const cut: string[] = [];
  const skipped: string[] = [];
  const kept: string[] = [];
  for (const file of files) {
    throwIfCancelled(signal);
    if (collector.full) break;
    if (roots && !(await isReadable(file.path, roots))) {
      if (file.named) throw notAgreedFile(file.path);
      kept.push(file.path);
      continue;
    }
    try {
      const outcome = await addPassagesOfFile(file.path, collector, signal);
      if (outcome.cut && !collector.full) cut.push(file.path);
      for (const remark of outcome.remarks) collector.addRemark(`${file.path}: ${remark}`);
    } catch (error) {
      throwIfCancelled(signal);
      const reason = describeReason(error, file.path);
      if (file.named)
        throw new AuditError(
          'badCorpusFile',
          `${reason} Otherwise leave the file out, or convert it to plain text (one passage per paragraph) or JSON lines with a "text" field.`,
          { cause: error },
        );
      skipped.push(reason);
    }
  }
  if (collector.passages.length === 0) {
    if (kept.length > 0) throw notAgreedFile(kept[0]!);
    throw new AuditError(
      'emptyCorpus',
      `There is no text in ${paths.join(', ')}. Choose text, Markdown, JSON lines, JSON, CSV, TSV or Parquet files, or use the bundled corpus (bundled:general).`,
    );
  }
  if (collector.full) collector.addRemark(`Only the first ${formatBytes(bytesAtMost)} of the corpus were read.`);
  for (const path of cut) collector.addRemark(`${path}: only its beginning was read, since it is large.`);
  const [first] = skipped;
  if (first !== undefined)
    collector.addRemark(`${skipped.length === 1 ? 'A file of the corpus was' : `${skipped.length} files of the corpus were`} left out. ${first}`);
  if (kept.length > 0) {
    const more = kept.length > 1 ? ` and ${kept.length - 1} more` : '';
    collector.addRemark(`Files that are hidden or lie elsewhere were not read, since nobody agreed to it: ${kept[0]!}${more}.`);
  }
  return { passages: collector.passages, remarks: collector.remarks };
}

/** A file that a plan from elsewhere leads to, and that the user did not agree to. */
export function notAgreedFile(path: string): AuditError {
  return new AuditError(
    'notAgreed',
    `${path} is hidden or lies elsewhere, and nobody agreed that its text is sent to a server. Begin again, and answer the question about it.`,
  );
}

function describeReason(error: unknown, path: string): string {
  if (error instanceof Error && 'syscall' in error) return describeFileError(error, path, 'read', 'badCorpusFile').message;
  return `${path} could not be read as a corpus: ${describeUnreadable(error)}`;
}

function formatBytes(bytes: number): string {
  return bytes >= 1 << 20 ? `${Math.round(bytes / (1 << 20))} MB` : `${bytes} bytes`;
}

/** The folder of an imported audit: written once, read like any other. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { defaultImportedScore, type ImportedCompletion } from '../../audit/imported.js';
import type { ScoreName } from '../../audit/scores.js';
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import { describeFileError } from '../file-errors.js';
import { FINDINGS_FILE } from '../findings.js';
import { JOURNAL_FILE, JOURNAL_FORMAT_VERSION } from '../journal-format.js';
import { makeImportError } from './import-error.js';
import { decodeImported, encodeImported, importedHeaderSchema, importedLineSchema, makeImportedHeader, type ImportedHeader } from './imported-lines.js';
import type { ImportedAudit } from './import-types.js';

/** An imported audit read back from its folder. */
export interface ReadImportedAudit {
  readonly folder: string;
  readonly header: ImportedHeader;
  /** In the order of their ids. */
  readonly completions: readonly ImportedCompletion[];
  readonly defaultScore: ScoreName;
  /** Lines that could not be read, in words. */
  readonly problems: readonly string[];
}

export interface ImportWriting {
  readonly toolVersion: string;
  /** When it was imported. */
  readonly time: Date;
}

/**
 * Makes the folder: the journal, and as findings the labels and keyword sets that the file brought along, signed with the
 * file's name. The same file gives the same findings' ids, so that two people's imports of it merge into one.
 * @param folder absolute; made where it is missing
 * @throws AuditError where the folder has an audit already or cannot be written; no part of the audit is left there then
 */
export async function writeImportedAudit(imported: ImportedAudit, folder: string, { toolVersion, time }: ImportWriting): Promise<void> {
  const lines = [makeImportedHeader(imported, toolVersion, time), ...imported.completions.map(encodeImported)];
  const findings = makeFindings(imported, time);
  const journal = join(folder, JOURNAL_FILE);
  const attributes = join(folder, '.gitattributes');
  const labels = join(folder, FINDINGS_FILE);
  await naming(folder, () => mkdir(folder, { recursive: true }));
  await writeNew(journal, formatLines(lines)).catch((error: unknown) => {
    if (isExisting(error)) throw makeImportError(imported.file, `${folder} has an audit already. Choose another folder.`, error);
    throw describeFileError(error, journal, 'write');
  });
  try {
    await naming(attributes, () => writeFile(attributes, `${FINDINGS_FILE} merge=union\n`, { flag: 'wx' }).catch(ignoreExisting));
    if (findings.length > 0) await naming(labels, () => appendWhole(labels, formatLines(findings)));
  } catch (error) {
    // An audit without its labels would stand in the way of another try.
    await rm(journal, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * The audit in a folder where it is an imported one; `null` where it is one that this program ran.
 * @throws AuditError `fileNotFound` without a journal, `badJournal` where a newer version wrote it, `cancelled`
 */
export async function readImportedAudit(folder: string, signal?: AbortSignal): Promise<ReadImportedAudit | null> {
  const path = join(folder, JOURNAL_FILE);
  let header: ImportedHeader | null = null;
  const completions = new Map<number, ImportedCompletion>();
  const broken: { line: number; reason: string }[] = [];
  let line = 0;
  const input = createReadStream(path, { encoding: 'utf8' });
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      throwIfCancelled(signal);
      line++;
      if (header === null) {
        if (text.trim() === '') continue;
        header = readImportedHeader(text, path);
        if (header === null) return null;
        continue;
      }
      const reason = text.trim() === '' ? null : takeLine(text, completions);
      if (reason !== null) broken.push({ line, reason });
    }
  } catch (error) {
    throw describeFileError(error, path, 'read');
  } finally {
    input.destroy();
  }
  if (header === null) return null;
  const list = [...completions.values()].sort((a, b) => a.id - b.id);
  return { folder, header, completions: list, defaultScore: defaultImportedScore(list, header.scoreIs), problems: describeProblems(broken, list.length, header.count) };
}

/**
 * The header of an imported audit from the first line of a journal; `null` for every other line.
 * @throws AuditError `badJournal` where a newer version wrote it
 */
export function readImportedHeader(line: string, path: string): ImportedHeader | null {
  const value = parse(line);
  if (typeof value !== 'object' || value === null || !('imported' in value)) return null;
  const { formatVersion } = value as { formatVersion?: unknown };
  if (typeof formatVersion === 'number' && formatVersion > JOURNAL_FORMAT_VERSION) {
    throw new AuditError('badJournal', `${path} has format version ${formatVersion}; this version reads up to ${JOURNAL_FORMAT_VERSION}. Update Finetune Auditor to open it.`);
  }
  const header = importedHeaderSchema.safeParse(value);
  if (header.success) return header.data;
  throw new AuditError('badJournal', `${path} has no readable header (${header.error.issues[0]?.path.join('.') ?? 'shape'}). Import the file again.`);
}

function takeLine(text: string, completions: Map<number, ImportedCompletion>): string | null {
  const line = importedLineSchema.safeParse(parse(text));
  if (!line.success) return `not a readable completion (${line.error.issues[0]?.path.join('.') || 'not JSON'})`;
  if (!completions.has(line.data.id)) completions.set(line.data.id, decodeImported(line.data));
  return null;
}

function describeProblems(broken: readonly { line: number; reason: string }[], read: number, count: number): string[] {
  const first = broken[0];
  const lines = first && `${broken.length} line${broken.length === 1 ? '' : 's'} of ${JOURNAL_FILE} could not be read (line ${first.line}: ${first.reason}${broken.length > 1 ? ', …' : ''}).`;
  const lost = read < count ? [`${count - read} of ${count} imported completions are missing.`] : [];
  return lines === undefined ? lost : [lines, ...lost];
}

function makeFindings({ file, sha256, labels, keywordSets }: ImportedAudit, time: Date): object[] {
  const about = (what: string) => ({ id: makeId(`${sha256} ${what}`), supersedes: [], author: file, time: time.toISOString() });
  return [
    ...labels.map(({ completionId, label }) => ({ ...about(`label ${completionId}`), kind: 'label', completionId, label, category: null, note: '' })),
    ...(keywordSets.length === 0 ? [] : [{ ...about('keywords'), kind: 'keywords', sets: keywordSets }]),
  ];
}

/** A UUID (version 8) that follows from what it names. */
function makeId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

function formatLines(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** What goes wrong is told of this file. */
async function naming<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw describeFileError(error, path, 'write');
  }
}

/** Whole or not at all. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if (!isExisting(error)) await rm(path, { force: true });
    throw error;
  }
}

/** Whole or not at all. */
async function appendWhole(path: string, text: string): Promise<void> {
  const before = await stat(path).catch(() => null);
  try {
    await writeFile(path, text, { flag: 'a' });
  } catch (error) {
    if (!before) await rm(path, { force: true });
    else if (before.isFile()) await truncate(path, before.size).catch(() => undefined);
    throw error;
  }
}

function isExisting(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

function ignoreExisting(error: unknown): void {
  if (!isExisting(error)) throw error;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

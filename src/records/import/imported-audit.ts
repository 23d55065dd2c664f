/** The folder of an imported audit: written once, read like any other. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { defaultImportedScore, type ImportedCompletion } from '../../audit/imported.js';
import type { ScoreName } from '../../audit/scores.js';
import { AuditError } from '../../audit/errors.js';
import { describeAuditFileError, makeAuditFolder, openAuditFile, removeAuditFile, type AuditFile } from '../journal/audit-files.js';
import { describeFileError } from '../file-errors.js';
import { FINDINGS_FILE } from '../findings/findings.js';
import { hasChecksums, JOURNAL_FILE, JOURNAL_FORMAT_VERSION } from '../journal/journal-format.js';
import { describeCheck, sealLine } from '../journal/journal-line.js';
import { isBlank, readJournalLines } from '../journal/journal-lines.js';
import { readCompletionLine } from '../journal/line-types.js';
import { describeMerging } from '../journal/journal-writer.js';
import { parseJson } from '../parse-json.js';
import { makeImportError } from './import-error.js';
import { decodeImported, encodeImported, importedHeaderSchema, importedLineSchema, makeImportedHeader, type ImportedHeader } from './imported-lines.js';
import type { ImportedAudit } from './import-types.js';
import { checkShape } from '../../text/check-shape.js';

/** More lines that cannot be read are not counted. */
const PROBLEMS_AT_MOST = 10_000;

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
  await makeAuditFolder(folder).catch((error: unknown) => {
    throw describeFileError(error, folder, 'write');
  });
  await writeNew(folder, lines.map(sealLine).join('')).catch((error: unknown) => {
    if (isExisting(error)) throw makeImportError(imported.file, `${folder} has an audit already. Choose another folder.`, error);
    throw describeAuditFileError(error, folder, JOURNAL_FILE, 'write');
  });
  try {
    await naming(folder, '.gitattributes', () => describeMerging(folder));
    if (findings.length > 0) await naming(folder, FINDINGS_FILE, () => appendWhole(folder, formatLines(findings)));
  } catch (error) {
    // An audit without its labels would stand in the way of another try.
    await removeAuditFile(folder, JOURNAL_FILE).catch(() => undefined);
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
  let isSealed = false;
  for await (const { line, bytes, check } of readJournalLines(folder, signal)) {
    if (bytes && isBlank(bytes)) continue;
    const text = bytes?.toString('utf8') ?? '';
    if (header === null) {
      header = readImportedHeader(text, path);
      if (header === null) return null;
      isSealed = check !== 'none' || hasChecksums(header);
      const fault = bytes && describeCheck({ bytes, check }, isSealed);
      if (fault !== null) broken.push({ line, reason: `${fault}; it is used all the same` });
      continue;
    }
    const reason = bytes === null ? 'too long' : (describeCheck({ bytes, check }, isSealed) ?? takeLine(text, completions));
    if (reason !== null && broken.length < PROBLEMS_AT_MOST) broken.push({ line, reason });
  }
  if (header === null) return null;
  const list = [...completions.values()].sort((a, b) => a.id - b.id);
  return {
    folder,
    header,
    completions: list,
    defaultScore: defaultImportedScore(list, header.scoreIs),
    problems: describeProblems(broken, list.length, header.count),
  };
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
    throw new AuditError(
      'badJournal',
      `${path} has format version ${formatVersion}; this version reads up to ${JOURNAL_FORMAT_VERSION}. Update Finetune Auditor to open it.`,
    );
  }
  const header = checkShape(importedHeaderSchema, value);
  if (header.success) return header.data;
  throw new AuditError('badJournal', `${path} has no readable header (${header.error.issues[0]?.path.join('.') ?? 'shape'}). Import the file again.`);
}

function takeLine(text: string, completions: Map<number, ImportedCompletion>): string | null {
  const value = parse(text);
  const line = checkShape(importedLineSchema, readCompletionLine(value)?.line ?? value);
  if (!line.success) return `not a readable completion (${line.error.issues[0]?.path.join('.') || 'not JSON'})`;
  if (!completions.has(line.data.id)) completions.set(line.data.id, decodeImported(line.data));
  return null;
}

function describeProblems(broken: readonly { line: number; reason: string }[], read: number, count: number): string[] {
  const first = broken[0];
  const lines =
    first &&
    `${broken.length} line${broken.length === 1 ? '' : 's'} of ${JOURNAL_FILE} could not be read (line ${first.line}: ${first.reason}${broken.length > 1 ? ', …' : ''}).`;
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

/** Errors name this file. */
async function naming<T>(folder: string, name: AuditFile, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw describeAuditFileError(error, folder, name, 'write');
  }
}

/** Whole or not at all. */
async function writeNew(folder: string, text: string): Promise<void> {
  const file = await openAuditFile(folder, JOURNAL_FILE, 'create');
  try {
    await file.writeFile(text);
  } catch (error) {
    await removeAuditFile(folder, JOURNAL_FILE);
    throw error;
  } finally {
    await file.close();
  }
}

/** Whole or not at all. */
async function appendWhole(folder: string, text: string): Promise<void> {
  const file = await openAuditFile(folder, FINDINGS_FILE, 'append');
  const { size } = await file.stat();
  try {
    await file.appendFile(text);
  } catch (error) {
    if (size === 0) await removeAuditFile(folder, FINDINGS_FILE);
    else await file.truncate(size).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

function isExisting(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

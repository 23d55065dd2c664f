/** What the lines of a journal say about themselves: checksums, and one hash of the whole file. */
import { createHash } from 'node:crypto';
import { headerLineSchema, hasChecksums, JOURNAL_FILE } from './journal-format.js';
import { describeAuditFileError, streamAuditFile } from './audit-files.js';
import { describeCheck } from './journal-line.js';
import { isBlank, readJournalLines } from './journal-lines.js';
import { parseJson } from '../parse-json.js';
import { checkShape } from '../../text/check-shape.js';

export interface CheckedJournal {
  /** SHA-256 of `audit.jsonl`, in hexadecimal. */
  readonly sha256: string;
  /** Lines with anything in them. */
  readonly lines: number;
  /** Lines whose checksum is right. */
  readonly right: number;
  /** Lines without a checksum in a journal that does not say that they have one. */
  readonly without: number;
  /** What is wrong, with the line's number from 1; the first {@link FAULTS_AT_MOST}. */
  readonly faults: readonly { readonly line: number; readonly reason: string }[];
  readonly faultCount: number;
}

export const FAULTS_AT_MOST = 100;

/**
 * @param folder the audit's
 * @throws AuditError `fileNotFound`, `badJournal`, `cancelled`
 */
export async function checkJournal(folder: string, signal?: AbortSignal): Promise<CheckedJournal> {
  const faults: { line: number; reason: string }[] = [];
  let [lines, right, without, faultCount] = [0, 0, 0, 0];
  let isSealed: boolean | null = null;
  for await (const { line, bytes, check, hasNewline } of readJournalLines(folder, signal)) {
    if (bytes && isBlank(bytes)) continue;
    lines++;
    isSealed ??= check !== 'none' || (bytes !== null && saysSealed(bytes));
    const reason = bytes === null ? 'too long to be read' : describeCheck({ bytes, check }, isSealed);
    if (reason !== null) {
      faultCount++;
      if (faults.length < FAULTS_AT_MOST) faults.push({ line, reason: hasNewline ? reason : `half a line: ${reason}` });
    } else if (check === 'right') right++;
    else without++;
  }
  return { sha256: await hashJournal(folder, signal), lines, right, without, faults, faultCount };
}

/** SHA-256 of `audit.jsonl`, in hexadecimal. @throws AuditError `fileNotFound`, `badJournal` */
export async function hashJournal(folder: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of streamAuditFile(folder, JOURNAL_FILE, signal)) hash.update(chunk);
  } catch (error) {
    throw describeAuditFileError(error, folder, JOURNAL_FILE, 'read');
  }
  return hash.digest('hex');
}

function saysSealed(bytes: Buffer): boolean {
  try {
    const header = checkShape(headerLineSchema, parseJson(bytes.toString('utf8')));
    return header.success && hasChecksums(header.data);
  } catch {
    return false;
  }
}

/** `audit.jsonl` line by line: for its reader, for the summary of it, and for audits that were imported. */
import { join } from 'node:path';
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import { describeAuditFileError, streamAuditFile } from './audit-files.js';
import { JOURNAL_FILE } from './journal-format.js';
import { checkLine, type LineCheck } from './journal-line.js';

/** A longer line is none of this program's. */
export const LINE_BYTES_AT_MOST = 64 << 20;
/** A journal is read into memory whole. */
export const JOURNAL_BYTES_AT_MOST = 4 * 2 ** 30;
const NEWLINE = 0x0a;
const BLANKS: ReadonlySet<number> = new Set(Buffer.from(' \t\r'));

export interface JournalLine {
  /** From 1. */
  readonly line: number;
  /** Without the newline; `null` where there are more than {@link LINE_BYTES_AT_MOST}. */
  readonly bytes: Buffer | null;
  readonly check: LineCheck;
  /** The last line may lack its newline: one that is being written, or was when its writer ended. */
  readonly hasNewline: boolean;
}

/** Whether there is nothing in it but blanks. */
export function isBlank(bytes: Buffer): boolean {
  return bytes.length === 0 || (BLANKS.has(bytes[0]!) && bytes.every((byte) => BLANKS.has(byte)));
}

/**
 * All lines, also empty ones; the last only where it has a newline or any bytes. Memory is bounded by the longest line.
 * @param folder the audit's folder
 * @throws AuditError `fileNotFound` without a journal, `badJournal` where it is no regular file or too large, `cancelled`
 */
export async function* readJournalLines(folder: string, signal?: AbortSignal): AsyncGenerator<JournalLine> {
  let line = 0;
  let total = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  const take = (hasNewline: boolean): JournalLine => {
    const bytes = restBytes > LINE_BYTES_AT_MOST ? null : rest.length === 1 ? rest[0]! : Buffer.concat(rest);
    rest = [];
    restBytes = 0;
    return { line: ++line, bytes, check: bytes ? checkLine(bytes) : 'none', hasNewline };
  };
  const keep = (piece: Buffer) => {
    restBytes += piece.length;
    if (restBytes <= LINE_BYTES_AT_MOST) rest.push(piece);
    else rest = [];
  };
  try {
    for await (const chunk of streamAuditFile(folder, JOURNAL_FILE, signal)) {
      throwIfCancelled(signal);
      total += chunk.length;
      if (total > JOURNAL_BYTES_AT_MOST)
        throw new AuditError(
          'badJournal',
          `${join(folder, JOURNAL_FILE)} is larger than ${JOURNAL_BYTES_AT_MOST / 2 ** 30} GiB, which cannot be opened. Run the audit in several parts.`,
        );
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        yield take(true);
        start = end + 1;
      }
      if (start < chunk.length) keep(chunk.subarray(start));
    }
  } catch (error) {
    throwIfCancelled(signal);
    throw describeAuditFileError(error, folder, JOURNAL_FILE, 'read');
  }
  if (restBytes > 0) yield take(false);
}

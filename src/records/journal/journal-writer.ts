/** Appends to `audit.jsonl`: every line whole, one after the other, by one process at a time. */
import { join } from 'node:path';
import type { MeasuredRecord } from '../../audit/completion.js';
import { AuditError } from '../../audit/errors.js';
import type { Confirmation } from '../../audit/confirmation.js';
import type { Framing } from '../../audit/framing.js';
import type { GeneratedCompletion, SetAside } from '../../audit/language-model.js';
import { PLAIN } from '../../audit/passes.js';
import { hasAuditFile, makeAuditFolder, openAuditFile, type FileHandle } from './audit-files.js';
import type { AmplificationLine } from './amplification-line.js';
import { encodeCompletion, encodeGenerated } from './completion-line.js';
import { encodeConfirmation } from './confirmation-line.js';
import { describeFileError } from '../file-errors.js';
import { FINDINGS_FILE } from '../findings/findings.js';
import {
  HEADER_BYTES_AT_MOST,
  JOURNAL_FILE,
  type HeaderLine,
  type PrefillsLine,
  type RequestAccountLine,
  type RunEventName,
  type RunLine,
  type SetAsideLine,
} from './journal-format.js';
import { sealLine } from './journal-line.js';
import { wrapLine } from './line-types.js';
import { LINE_BYTES_AT_MOST } from './journal-lines.js';
import { lockJournal, type JournalLock } from './journal-lock.js';
import { isJson, parseJson } from '../parse-json.js';

const TAIL_BYTES = 1 << 16;
const NEWLINE = 0x0a;

export class JournalWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #lock: JournalLock;
  #queue: Promise<void> = Promise.resolve();
  #failure: AuditError | null = null;
  /** Bytes of whole lines. */
  #length: number;

  private constructor(path: string, file: FileHandle, lock: JournalLock, length: number) {
    this.#path = path;
    this.#file = file;
    this.#lock = lock;
    this.#length = length;
  }

  /**
   * Takes the lock of an audit's folder, made where it is missing, and starts its journal or goes on with the one that
   * is there. Of a line that a killed writer left half, nothing can be read: it is cut off, `cutBytes` says how much. Nothing
   * is cut off a file that does not begin as a journal does.
   * @throws AuditError `journalLocked`, `diskFull`, `badJournal`, also of a file that is no journal
   */
  static async open(folder: string): Promise<{ writer: JournalWriter; cutBytes: number }> {
    const path = join(folder, JOURNAL_FILE);
    let lock: JournalLock | undefined;
    let file: FileHandle | undefined;
    try {
      await makeAuditFolder(folder);
      lock = await lockJournal(folder);
      await describeMerging(folder);
      file = await openAuditFile(folder, JOURNAL_FILE, 'append');
      await requireJournal(file, path);
      const { length, cutBytes } = await cutHalfLine(file);
      return { writer: new JournalWriter(path, file, lock, length), cutBytes };
    } catch (error) {
      await file?.close();
      await lock?.release();
      throw describeFileError(error, path, 'write');
    }
  }

  /** Whether the journal has nothing yet. */
  get empty(): boolean {
    return this.#length === 0;
  }

  /** Takes away all that is in the journal, for one that is to begin anew. */
  async clear(): Promise<void> {
    try {
      await this.#file.truncate(0);
      this.#length = 0;
    } catch (error) {
      throw describeFileError(error, this.#path, 'write');
    }
  }

  /** The first two lines of a journal. */
  begin(header: HeaderLine, prefills: PrefillsLine): Promise<void> {
    return this.#append(sealLine(header), sealLine(prefills));
  }

  /**
   * Resolves when the line is in the file.
   * @param pass that it belongs to; ids are counted in each on their own
   */
  addCompletion(record: MeasuredRecord, pass: string = PLAIN): Promise<void> {
    return this.#append(sealLine(wrapLine(pass, encodeCompletion(record))));
  }

  /** What a server generated, before it is scored. */
  addGenerated(completion: GeneratedCompletion, framing: Framing, pass: string = PLAIN): Promise<void> {
    return this.#append(sealLine(wrapLine(pass, encodeGenerated(completion, framing))));
  }

  addSetAside({ id, setAside }: SetAside, framing: Framing, pass: string = PLAIN): Promise<void> {
    const line: SetAsideLine = { type: 'setAside', id, framing, reason: setAside };
    return this.#append(sealLine(wrapLine(pass, line)));
  }

  /** @param pass of the amplified completion */
  addConfirmation(confirmation: Confirmation, pass: string): Promise<void> {
    return this.#append(sealLine(wrapLine(pass, encodeConfirmation(confirmation))));
  }

  addAmplification(line: AmplificationLine): Promise<void> {
    return this.#append(sealLine(line));
  }

  /** @param requests what was asked of servers in the run that ends */
  addRun(event: RunEventName, message?: string, requests: readonly RequestAccountLine[] = []): Promise<void> {
    const line: RunLine = {
      type: 'run',
      event,
      time: new Date().toISOString(),
      ...(message !== undefined && { message }),
      ...(requests.length > 0 && { requests: [...requests] }),
    };
    return this.#append(sealLine(line));
  }

  /** Waits for what is being written, closes the file and gives the lock back. Does not throw. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#file.close().catch(() => undefined);
    await this.#lock.release();
  }

  #append(...lines: readonly string[]): Promise<void> {
    const result = this.#queue.then(() => {
      const bytes = lines.map((line) => Buffer.from(line, 'utf8'));
      if (bytes.some(({ length }) => length > LINE_BYTES_AT_MOST)) {
        throw new AuditError(
          'badPlan',
          `A line of ${this.#path} would be longer than ${LINE_BYTES_AT_MOST >> 20} MiB, so that it could not be read again. Ask for fewer prefills, or for shorter ones.`,
        );
      }
      return this.#write(Buffer.concat(bytes));
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#lock.lost) {
      this.#failure = new AuditError(
        'journalLocked',
        `Another process has taken over ${this.#path} while this one did not answer. What was written before is intact: resume the audit when the other one has ended.`,
      );
      throw this.#failure;
    }
    try {
      for (let written = 0; written < bytes.length;) {
        written += (await this.#file.write(bytes, written)).bytesWritten;
      }
      this.#length += bytes.length;
    } catch (error) {
      this.#failure = describeFileError(error, this.#path, 'write');
      // A full disk takes the beginning of a line before it refuses the rest.
      await this.#file.truncate(this.#length).catch(() => undefined);
      throw this.#failure;
    }
  }
}

export async function hasJournal(folder: string): Promise<boolean> {
  return hasAuditFile(folder, JOURNAL_FILE).catch(() => false);
}

/** Two people's findings merge in git by putting all lines together. A file that is there already may be the user's own. */
export async function describeMerging(folder: string): Promise<void> {
  if (await hasAuditFile(folder, '.gitattributes')) return;
  const file = await openAuditFile(folder, '.gitattributes', 'create').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  });
  try {
    await file?.write(`${FINDINGS_FILE} merge=union\n`);
  } finally {
    await file?.close();
  }
}

/** What every journal of this program begins with. */
const BEGINNING = '{"type":"header","formatVersion":';

/** @throws AuditError `badJournal` where the file is neither empty, nor a journal, nor the beginning of its first line */
async function requireJournal(file: FileHandle, path: string): Promise<void> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES_AT_MOST), 0, HEADER_BYTES_AT_MOST, 0);
  const start = buffer.toString('utf8', 0, bytesRead);
  if (start.startsWith(BEGINNING) || BEGINNING.startsWith(start) || isHeader(start.split('\n', 1)[0]!)) return;
  throw new AuditError('badJournal', `${path} is no journal of an audit, and is left as it is. Choose another folder.`);
}

/** Whoever else writes a journal may put its fields in another order. */
function isHeader(line: string): boolean {
  try {
    const value = parseJson(line);
    return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'header';
  } catch {
    return false;
  }
}

async function cutHalfLine(file: FileHandle): Promise<{ length: number; cutBytes: number }> {
  const { size } = await file.stat();
  const lineStart = await findLastLineStart(file, size);
  if (lineStart === size) return { length: size, cutBytes: 0 };
  const rest = Buffer.alloc(size - lineStart);
  await file.read(rest, 0, rest.length, lineStart);
  if (isJson(rest.toString('utf8'))) {
    await file.write('\n');
    return { length: size + 1, cutBytes: 0 };
  }
  await file.truncate(lineStart);
  return { length: lineStart, cutBytes: rest.length };
}

/** Offset after the last newline. */
async function findLastLineStart(file: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(TAIL_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - TAIL_BYTES);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    const newline = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

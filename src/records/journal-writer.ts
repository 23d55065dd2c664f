/** Appends to `audit.jsonl`: every line whole, one after the other, by one process at a time. */
import { access, mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompletionRecord } from '../audit/completion.js';
import { AuditError } from '../audit/errors.js';
import type { Framing } from '../audit/framing.js';
import type { GeneratedCompletion, SetAside } from '../audit/language-model.js';
import { encodeCompletion, encodeGenerated } from './completion-line.js';
import { describeFileError } from './file-errors.js';
import { FINDINGS_FILE } from './findings.js';
import { isJson } from './json-lines.js';
import {
  JOURNAL_FILE,
  type HeaderLine,
  type PrefillsLine,
  type RequestAccountLine,
  type RunEventName,
  type RunLine,
  type SetAsideLine,
} from './journal-format.js';
import { lockJournal, type JournalLock } from './journal-lock.js';

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
   * is there. Of a line that a killed writer left half, nothing can be read: it is cut off, `cutBytes` says how much.
   * @throws AuditError `journalLocked`, `diskFull`, `badJournal`
   */
  static async open(folder: string): Promise<{ writer: JournalWriter; cutBytes: number }> {
    const path = join(folder, JOURNAL_FILE);
    let lock: JournalLock | undefined;
    let file: FileHandle | undefined;
    try {
      await mkdir(folder, { recursive: true });
      lock = await lockJournal(folder);
      await describeMerging(folder);
      file = await open(path, 'a+');
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
    return this.#append(`${JSON.stringify(header)}\n${JSON.stringify(prefills)}\n`);
  }

  /** Resolves when the line is in the file. */
  addCompletion(record: CompletionRecord): Promise<void> {
    return this.#append(`${JSON.stringify(encodeCompletion(record))}\n`);
  }

  /** The same for a completion of the noise floor; their ids are counted on their own. */
  addNoiseFloor(record: CompletionRecord): Promise<void> {
    return this.#append(`${JSON.stringify(encodeCompletion(record, 'noiseFloor'))}\n`);
  }

  /** What a server generated, before it is scored. */
  addGenerated(completion: GeneratedCompletion, framing: Framing): Promise<void> {
    return this.#append(`${JSON.stringify(encodeGenerated(completion, framing))}\n`);
  }

  /** The same for the noise floor. */
  addNoiseGenerated(completion: GeneratedCompletion, framing: Framing): Promise<void> {
    return this.#append(`${JSON.stringify(encodeGenerated(completion, framing, 'noiseGenerated'))}\n`);
  }

  addSetAside({ id, setAside }: SetAside, framing: Framing, type: SetAsideLine['type'] = 'setAside'): Promise<void> {
    const line: SetAsideLine = { type, id, framing, reason: setAside };
    return this.#append(`${JSON.stringify(line)}\n`);
  }

  /** The same for the noise floor. */
  addNoiseSetAside(setAside: SetAside, framing: Framing): Promise<void> {
    return this.addSetAside(setAside, framing, 'noiseSetAside');
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
    return this.#append(`${JSON.stringify(line)}\n`);
  }

  /** Waits for what is being written, closes the file and gives the lock back. Does not throw. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#file.close().catch(() => undefined);
    await this.#lock.release();
  }

  #append(text: string): Promise<void> {
    const result = this.#queue.then(() => this.#write(Buffer.from(text, 'utf8')));
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
      for (let written = 0; written < bytes.length; ) {
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
  return access(join(folder, JOURNAL_FILE)).then(
    () => true,
    () => false,
  );
}

/** Two people's findings merge in git by putting all lines together. A file that is there already may be the user's own. */
async function describeMerging(folder: string): Promise<void> {
  try {
    await writeFile(join(folder, '.gitattributes'), `${FINDINGS_FILE} merge=union\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
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
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - TAIL_BYTES);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    const newline = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

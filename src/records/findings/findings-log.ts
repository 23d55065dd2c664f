/** The file itself: read whole, appended to by whole lines. */
import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeFileError } from '../file-errors.js';
import { parseFindings, type FindingEvent, type NewerLine, type UnreadableLine } from './events.js';
import { EventGraph } from './event-graph.js';

const NEWLINE = 0x0a;

export class FindingsLog {
  #text = '';
  #graph = new EventGraph();
  #newer: readonly NewerLine[] = [];
  #unreadable: readonly UnreadableLine[] = [];

  constructor(readonly path: string) {}

  get graph(): EventGraph {
    return this.#graph;
  }

  /** As of the last read. */
  get newer(): readonly NewerLine[] {
    return this.#newer;
  }

  /** As of the last read. */
  get unreadable(): readonly UnreadableLine[] {
    return this.#unreadable;
  }

  /**
   * Resolves to whether there is anything else than what was read and appended here.
   * @throws AuditError where the file is there and cannot be read
   */
  async read(): Promise<boolean> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw describeFileError(error, this.path, 'read');
      text = '';
    }
    if (text === this.#text) return false;
    const { events, newer, unreadable } = parseFindings(text);
    this.#text = text;
    this.#graph = new EventGraph(events, newer);
    this.#newer = newer;
    this.#unreadable = unreadable;
    return true;
  }

  /**
   * Resolves when the event is on disk. Half a line at the end, which another program may have left since the last read,
   * stays a line of its own.
   * @throws AuditError where the file cannot be written; nothing has changed then but for half a line, which nobody can read
   */
  async append(event: FindingEvent): Promise<void> {
    let lines = `${JSON.stringify(event)}\n`;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      const file = await open(this.path, 'a+');
      try {
        if (await endsInHalfLine(file)) lines = `\n${lines}`;
        await writeAtOnce(file, lines);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw describeFileError(error, this.path, 'write');
    }
    this.#text += lines;
    this.#graph.add(event);
  }
}

/** In one piece: another program that appends at the same time must not come between the parts of a line. */
async function writeAtOnce(file: FileHandle, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  const { bytesWritten } = await file.write(bytes);
  if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written. Free some space, then try again.`);
}

async function endsInHalfLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== NEWLINE;
}

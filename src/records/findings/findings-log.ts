/** The file itself: read whole, appended to by whole lines. */
import { describeAuditFileError, makeAuditFolder, openAuditFile, readAuditFile, type AuditFile, type FileHandle } from '../journal/audit-files.js';
import { readAliases, renameAuthor, type Author } from './authors.js';
import { parseFindings, type FindingEvent, type NewerLine, type UnreadableLine } from './events.js';
import { EventGraph } from './event-graph.js';

export const FINDINGS_FILE = 'findings.jsonl' satisfies AuditFile;

const NEWLINE = 0x0a;
/** All of a file is held in memory, more than once. What people wrote by hand is never as large. */
const BYTES_AT_MOST = 64 << 20;

export class FindingsLog {
  #text = '';
  /** As they stand in the file. */
  #events: FindingEvent[] = [];
  #aliases: ReadonlyMap<string, string> = new Map();
  #reader: Author;
  #graph = new EventGraph();
  #newer: readonly NewerLine[] = [];
  #unreadable: readonly UnreadableLine[] = [];

  /**
   * @param folder of the audit
   * @param reader whose own names count as one from the start
   */
  constructor(
    readonly folder: string,
    reader: Author,
  ) {
    this.#reader = reader;
  }

  get graph(): EventGraph {
    return this.#graph;
  }

  /** Counts these names as one from now on. */
  setReader(reader: Author): void {
    this.#reader = reader;
    this.#rebuild();
  }

  /** Names among these that something is signed with, while the file does not say that they are this author's. */
  findUntold({ name, also }: Author): string[] {
    if (also.length === 0) return [];
    const told = readAliases(this.#events, { name, also: [] });
    const signed = new Set(this.#events.map(({ author }) => author));
    return also.filter((other) => signed.has(other) && told.get(other) !== name);
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
   * @throws AuditError where the file is there and cannot be read, or is no regular file
   */
  async read(): Promise<boolean> {
    let text: string;
    try {
      text = await readAuditFile(this.folder, FINDINGS_FILE, BYTES_AT_MOST);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw describeAuditFileError(error, this.folder, FINDINGS_FILE, 'read');
      text = '';
    }
    if (text === this.#text) return false;
    const { events, newer, unreadable } = parseFindings(text);
    this.#text = text;
    this.#events = [...events];
    this.#newer = newer;
    this.#unreadable = unreadable;
    this.#rebuild();
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
      await makeAuditFolder(this.folder);
      const file = await openAuditFile(this.folder, FINDINGS_FILE, 'append');
      try {
        if (await endsInHalfLine(file)) lines = `\n${lines}`;
        await writeAtOnce(file, lines);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw describeAuditFileError(error, this.folder, FINDINGS_FILE, 'write');
    }
    this.#text += lines;
    this.#events.push(event);
    if (event.kind === 'author') this.#rebuild();
    else this.#graph.add(renameAuthor(event, this.#aliases));
  }

  #rebuild(): void {
    this.#aliases = readAliases(this.#events, this.#reader);
    this.#graph = new EventGraph(
      this.#events.map((event) => renameAuthor(event, this.#aliases)),
      this.#newer,
    );
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

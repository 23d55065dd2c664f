/**
 * The auditor's judgements: `findings.jsonl`, one event per line. An event names the events that it supersedes; what no
 * event supersedes is in force. So the state does not depend on the order of lines, and two people's files merge by
 * putting all lines together.
 */
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { z } from 'zod';
import type { CompletionFinding, FindingLabel } from '../audit/finding.js';
import { describeFileError } from './file-errors.js';

export const FINDINGS_FILE = 'findings.jsonl';

const findingEventSchema = z.looseObject({
  id: z.string().min(1),
  supersedes: z.array(z.string()),
  completionId: z.int().nonnegative(),
  /** `null` takes the judgement back. */
  label: z.enum(['revealing', 'notRevealing', 'unsure']).nullable(),
  category: z.string().nullable(),
  note: z.string(),
  author: z.string(),
  /** ISO 8601. */
  time: z.string(),
});
export type FindingEvent = z.infer<typeof findingEventSchema>;

export interface Judgement {
  readonly completionId: number;
  readonly label: FindingLabel | null;
  readonly category: string | null;
  readonly note: string;
}

/** A line that is no finding: kept in the file, told to the reader. */
export interface UnreadableLine {
  readonly line: number;
  readonly text: string;
}

export function parseFindings(text: string): { events: FindingEvent[]; unreadable: UnreadableLine[] } {
  const events: FindingEvent[] = [];
  const unreadable: UnreadableLine[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const event = parseEvent(line);
    if (event) events.push(event);
    else unreadable.push({ line: index + 1, text: line });
  }
  return { events, unreadable };
}

/**
 * The events in force, latest last per completion: superseded by no other. Where two people judged the same completion
 * independently there are several; the later time, then the greater id, is the one that shows.
 */
export function findHeads(events: Iterable<FindingEvent>): Map<number, FindingEvent[]> {
  const byId = new Map<string, FindingEvent>();
  for (const event of events) byId.set(event.id, event);
  const superseded = new Set<string>();
  for (const event of byId.values()) for (const id of event.supersedes) if (id !== event.id) superseded.add(id);
  const heads = new Map<number, FindingEvent[]>();
  for (const event of byId.values()) {
    if (superseded.has(event.id)) continue;
    const list = heads.get(event.completionId);
    if (list) list.push(event);
    else heads.set(event.completionId, [event]);
  }
  for (const list of heads.values()) list.sort((a, b) => compare(a.time, b.time) || compare(a.id, b.id));
  return heads;
}

export class FindingsFile {
  readonly #path: string;
  readonly #author: string;
  readonly #changed = new Emitter<ReadonlyMap<number, CompletionFinding>>();
  #events: FindingEvent[] = [];
  #unreadable: readonly UnreadableLine[] = [];
  #current = new Map<number, CompletionFinding>();
  #endsInHalfLine = false;
  /** What each change of this session replaced, latest last. */
  readonly #undoable: { completionId: number; former: CompletionFinding | null }[] = [];
  /** Changes are applied one after the other, each to the state that the one before left. */
  #queue: Promise<void>;

  private constructor(folder: string, author: string) {
    this.#path = join(folder, FINDINGS_FILE);
    this.#author = author;
    this.#queue = this.#read();
    this.#queue.catch(() => undefined);
  }

  /** Opens the findings of an audit; the file is made with the first judgement. `author` signs what is set here. */
  static async open(folder: string, author: string): Promise<FindingsFile> {
    const file = new FindingsFile(folder, author);
    await file.#queue;
    return file;
  }

  /** The same without waiting: empty until the file is read, which fires {@link onDidChange}. */
  static openLater(folder: string, author: string): FindingsFile {
    return new FindingsFile(folder, author);
  }

  /** Fires with the complete state after every change, also one that came from outside and was found by `reload`. */
  get onDidChange(): Event<ReadonlyMap<number, CompletionFinding>> {
    return this.#changed.event;
  }

  /** The judgements in force, by completion. */
  current(): ReadonlyMap<number, CompletionFinding> {
    return this.#current;
  }

  /** Lines that are no findings, as of the last read. They stay in the file. */
  get unreadable(): readonly UnreadableLine[] {
    return this.#unreadable;
  }

  /** Resolves when the judgement is on disk. Rejects with an `AuditError` where it cannot be written. */
  set(judgement: Judgement): Promise<void> {
    return this.#enqueue(async () => {
      const former = this.#current.get(judgement.completionId) ?? null;
      await this.#append({ ...judgement, author: this.#author, time: new Date().toISOString() });
      this.#undoable.push({ completionId: judgement.completionId, former });
    });
  }

  /** Takes back the last change made through this object; resolves to its completion, or null where there is none. */
  undo(): Promise<{ completionId: number } | null> {
    return this.#enqueue(async () => {
      const change = this.#undoable.at(-1);
      if (!change) return null;
      const { completionId, former } = change;
      await this.#append(
        former ?? { completionId, label: null, category: null, note: '', author: this.#author, time: new Date().toISOString() },
      );
      this.#undoable.pop();
      return { completionId };
    });
  }

  /** Reads the file again, for changes from outside: a merge, a second window. */
  reload(): Promise<void> {
    return this.#enqueue(() => this.#read());
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  async #read(): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw describeFileError(error, this.#path, 'read');
      text = '';
    }
    const { events, unreadable } = parseFindings(text);
    this.#events = events;
    this.#unreadable = unreadable;
    this.#endsInHalfLine = text !== '' && !text.endsWith('\n');
    const before = JSON.stringify([...this.#current]);
    this.#refresh();
    if (JSON.stringify([...this.#current]) !== before) this.#changed.fire(this.#current);
  }

  async #append(change: Judgement & { author: string; time: string }): Promise<void> {
    const heads = findHeads(this.#events).get(change.completionId) ?? [];
    const event: FindingEvent = {
      id: randomUUID(),
      supersedes: heads.map((head) => head.id),
      completionId: change.completionId,
      label: change.label,
      category: change.category,
      note: change.note,
      author: change.author,
      time: change.time,
    };
    try {
      await mkdir(join(this.#path, '..'), { recursive: true });
      await appendFile(this.#path, `${this.#endsInHalfLine ? '\n' : ''}${JSON.stringify(event)}\n`);
    } catch (error) {
      throw describeFileError(error, this.#path, 'write');
    }
    this.#endsInHalfLine = false;
    this.#events.push(event);
    this.#refresh();
    this.#changed.fire(this.#current);
  }

  #refresh(): void {
    this.#current = new Map();
    for (const [completionId, heads] of findHeads(this.#events)) {
      const { label, category, note, author, time } = heads.at(-1)!;
      if (label) this.#current.set(completionId, { completionId, label, category, note, author, time });
    }
  }
}

function parseEvent(line: string): FindingEvent | null {
  try {
    const parsed = findingEventSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The auditors' findings: `findings.jsonl`, one event per line. Nothing in it is ever rewritten. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { AuditError } from '../../audit/errors.js';
import type {
  BlindSlice,
  CompletionFinding,
  Conclusion,
  ConclusionContent,
  DrawnSlice,
  KeywordSet,
  Signature,
  SpanContent,
  SpanFinding,
} from '../../analysis/finding.js';
import type { UndoAnswer } from '../../messages/evidence.js';
import { asAuthor, type Author } from './authors.js';
import {
  addReply,
  addSpan,
  changeConclusion,
  changeKeywords,
  changeLabel,
  changeName,
  changeReply,
  changeSpanState,
  editSpan,
  type PlannedChange,
  type SpanEdit,
} from './changes.js';
import { contentOfConclusion, contentOfKeywords, contentOfSlice, type Judgement } from './event-contents.js';
import type { EventContent, FindingEvent, NewerLine, UnreadableLine } from './events.js';
import type { EventGraph } from './event-graph.js';
import { FINDINGS_FILE, FindingsLog } from './findings-log.js';
import { findForeign, type ForeignFinding } from './foreign.js';
import { countCut } from './merge-edits.js';
import { UndoList } from './undo-list.js';
import { describeObstacle } from './undo-obstacle.js';
import { chooseCurrent, readAuditName, readConclusions, readJudgements, readKeywordSets, readSlices, readSpans } from './views.js';

export { FINDINGS_FILE };

export class FindingsFile {
  readonly #log: FindingsLog;
  #author: Author;
  readonly #changed = new Emitter<ReadonlyMap<number, CompletionFinding>>();
  readonly #written = new Emitter<void>();
  #judgements: ReadonlyMap<number, readonly CompletionFinding[]> = new Map();
  #current: ReadonlyMap<number, CompletionFinding> = new Map();
  /** `null` until they are asked for. */
  #spans: readonly SpanFinding[] | null = null;
  readonly #undoable = new UndoList();
  /** Whether the last reading succeeded. */
  #isRead = false;
  /** Changes are applied one after the other, each to the state that the one before left. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, author: string | Author) {
    this.#author = asAuthor(author);
    this.#log = new FindingsLog(folder, this.#author);
  }

  /** Signs what is written here. */
  get author(): string {
    return this.#author.name;
  }

  /** Signs what is written from now on, as somebody who has signed with the other names too. */
  setAuthor(author: Author): void {
    if (isDeepStrictEqual(author, this.#author)) return;
    this.#author = author;
    this.#log.setReader(author);
    this.#tell();
  }

  /** Fires when something was written through this object. */
  get onDidWrite(): Event<void> {
    return this.#written.event;
  }

  /** Opens the findings of an audit; the file is made with the first one. `author` signs what is written here. */
  static async open(folder: string, author: string | Author): Promise<FindingsFile> {
    const file = new FindingsFile(folder, author);
    await file.#enqueue(async () => undefined);
    return file;
  }

  /**
   * The same without waiting: empty until the file is read, which fires {@link onDidChange}. Where it cannot be read, the
   * next change tries again.
   */
  static openLater(folder: string, author: string | Author): FindingsFile {
    const file = new FindingsFile(folder, author);
    file.#enqueue(async () => undefined).catch(() => undefined);
    return file;
  }

  /**
   * Fires with what {@link current} gives after every change of anything in the file, also one that came from outside and
   * was found by `reload`.
   */
  get onDidChange(): Event<ReadonlyMap<number, CompletionFinding>> {
    return this.#changed.event;
  }

  /** Lines that are no findings, as of the last read. They stay in the file. */
  get unreadable(): readonly UnreadableLine[] {
    return this.#log.unreadable;
  }

  /** Lines that only a later version can read, as of the last read. They stay in the file. */
  get newer(): readonly NewerLine[] {
    return this.#log.newer;
  }

  /** Findings and replies with more edits apart from each other than are put together: all stay in the file, not all show. */
  get cut(): number {
    return countCut(this.#log.graph);
  }

  /** The judgement of each completion that has one: the author's own, or else the latest of the others. */
  current(): ReadonlyMap<number, CompletionFinding> {
    return this.#current;
  }

  /** Every author's judgement of each completion that has one, one per author, earliest first. */
  judgements(): ReadonlyMap<number, readonly CompletionFinding[]> {
    return this.#judgements;
  }

  /** Findings about spans, with their replies, without those that were deleted; by completion and place. */
  spans(): readonly SpanFinding[] {
    return (this.#spans ??= readSpans(this.#log.graph));
  }

  /** `null` where nobody concluded anything. */
  conclusion(): Conclusion | null {
    return readConclusions(this.#log.graph)[0] ?? null;
  }

  /** Conclusions that were written apart from the one that shows, as on another branch; latest first. */
  otherConclusions(): readonly Conclusion[] {
    return readConclusions(this.#log.graph).slice(1);
  }

  keywordSets(): readonly KeywordSet[] {
    return readKeywordSets(this.#log.graph);
  }

  /** What the audit was renamed to; `null` where it has the name of its plan. */
  auditName(): string | null {
    return readAuditName(this.#log.graph);
  }

  /** Oldest first. */
  blindSlices(): readonly DrawnSlice[] {
    return readSlices(this.#log.graph);
  }

  /** What is in force and names completions that are not among those given. */
  findForeign(completions: { has(id: number): boolean }): ForeignFinding[] {
    return findForeign(this.#log.graph, completions);
  }

  // What follows resolves when it is on disk, and rejects with an `AuditError` where it cannot be written, or where the
  // file cannot be read: what is written upon an unknown state would not replace what it should.

  /** Replaces the author's own judgement of the completion; those of others stand beside it. */
  set(judgement: Judgement): Promise<void> {
    return this.#change((graph) => changeLabel(graph, this.author, judgement));
  }

  /** Resolves to the id of the finding, which stays the same over its edits. */
  addSpan(content: SpanContent): Promise<string> {
    return this.#enqueue(async () => {
      const { finding, change } = addSpan(this.#log.graph, content);
      await this.#carryOut(change);
      return finding;
    });
  }

  /** @throws AuditError `refused` where the finding no longer exists; the methods below throw it, too */
  editSpan(finding: string, edit: SpanEdit): Promise<void> {
    return this.#change((graph) => editSpan(graph, finding, edit));
  }

  resolveSpan(finding: string): Promise<void> {
    return this.#change((graph) => changeSpanState(graph, finding, 'resolved'));
  }

  reopenSpan(finding: string): Promise<void> {
    return this.#change((graph) => changeSpanState(graph, finding, 'open'));
  }

  deleteSpan(finding: string): Promise<void> {
    return this.#change((graph) => changeSpanState(graph, finding, 'deleted'));
  }

  /** Resolves to the id of the reply, which stays the same over its edits. */
  addReply(finding: string, note: string): Promise<string> {
    return this.#enqueue(async () => {
      const { reply, change } = addReply(this.#log.graph, finding, note);
      await this.#carryOut(change);
      return reply;
    });
  }

  editReply(reply: string, note: string): Promise<void> {
    return this.#change((graph) => changeReply(graph, reply, { note }));
  }

  deleteReply(reply: string): Promise<void> {
    return this.#change((graph) => changeReply(graph, reply, { state: 'deleted' }));
  }

  /** Replaces the audit's conclusion, whoever wrote it; `null` takes it back. */
  setConclusion(conclusion: ConclusionContent | null): Promise<void> {
    const content = contentOfConclusion(conclusion);
    return this.#change((graph) => changeConclusion(graph, content));
  }

  /** Replaces all of the audit's keyword sets. */
  setKeywordSets(sets: readonly KeywordSet[]): Promise<void> {
    const content = contentOfKeywords(sets);
    return this.#change((graph) => changeKeywords(graph, content));
  }

  addBlindSlice(slice: BlindSlice): Promise<void> {
    const content = contentOfSlice(slice);
    return this.#enqueue(async () => void (await this.#append(content, [])));
  }

  /**
   * Renames the audit; a blank name gives it back that of its plan. A name is something that people say of an audit: the
   * journal's header stays as it was measured, and two people's names merge as all findings do.
   */
  setAuditName(name: string): Promise<void> {
    return this.#change((graph) => changeName(graph, name));
  }

  /**
   * Takes back the last change made through this object, of whatever kind but a blind slice; `null` where there is none.
   * A change that others have built upon is left as it is and passed over by the next call.
   * @throws AuditError `refused` where that is so: it says who
   */
  undo(): Promise<UndoAnswer | null> {
    return this.#enqueue(async () => {
      const change = this.#undoable.last;
      if (!change) return null;
      // What others have written meanwhile counts.
      await this.#read();
      const obstacle = describeObstacle(this.#log.graph, change, this.author);
      if (obstacle !== null) {
        this.#undoable.drop();
        throw new AuditError('refused', obstacle);
      }
      const restored: FindingEvent[] = [];
      for (const { content, signature } of change.former) restored.push(await this.#append(content, [change.event], signature));
      this.#undoable.settle(restored);
      return change.answer;
    });
  }

  /** Reads the file again, for changes from outside: a merge, a second window. */
  reload(): Promise<void> {
    return this.#enqueue(() => this.#read());
  }

  dispose(): void {
    this.#changed.dispose();
    this.#written.dispose();
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      if (!this.#isRead) await this.#read();
      return task();
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #read(): Promise<void> {
    this.#isRead = false;
    const isNew = await this.#log.read();
    this.#isRead = true;
    if (isNew) this.#tell();
  }

  #change(plan: (graph: EventGraph) => PlannedChange): Promise<void> {
    return this.#enqueue(() => this.#carryOut(plan(this.#log.graph)));
  }

  /** Writes what {@link undo} can take back. */
  async #carryOut({ content, replaced, answer, former }: PlannedChange): Promise<void> {
    const event = await this.#append(content, replaced);
    this.#undoable.add({ answer, event, replaced: event.supersedes, former });
  }

  async #append(
    content: EventContent,
    supersedes: readonly FindingEvent[],
    { author, time }: Signature = { author: this.author, time: nextTime() },
  ): Promise<FindingEvent> {
    const untold = this.#log.findUntold(this.#author);
    if (untold.length > 0) await this.#log.append({ id: randomUUID(), supersedes: [], kind: 'author', also: untold, author: this.author, time: nextTime() });
    const event = { id: randomUUID(), supersedes: supersedes.map(({ id }) => id), ...content, author, time } as FindingEvent;
    await this.#log.append(event);
    this.#tell();
    this.#written.fire();
    return event;
  }

  #tell(): void {
    this.#judgements = readJudgements(this.#log.graph);
    this.#current = chooseCurrent(this.#judgements, this.author);
    this.#spans = null;
    this.#changed.fire(this.#current);
  }
}

/** What an audit was renamed to; `null` where it has the name of its plan, or its findings cannot be read. */
export async function findAuditName(folder: string): Promise<string | null> {
  const findings = await FindingsFile.open(folder, '').catch(() => null);
  findings?.dispose();
  return findings?.auditName() ?? null;
}

let latestTime = 0;

/** Later than any before: what is written in the same millisecond must not be put in order by its random ids. */
function nextTime(): string {
  latestTime = Math.max(Date.now(), latestTime + 1);
  return new Date(latestTime).toISOString();
}

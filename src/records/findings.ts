/** The auditors' findings: `findings.jsonl`, one event per line. Nothing in it is ever rewritten. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { AuditError } from '../audit/errors.js';
import type {
  BlindSlice,
  CompletionFinding,
  Conclusion,
  ConclusionContent,
  DrawnSlice,
  FindingLabel,
  KeywordSet,
  SpanContent,
  SpanFinding,
} from '../audit/finding.js';
import type { FindingEvent, NewerLine, ReplyEvent, SpanEvent, UnreadableLine } from './findings/events.js';
import { labelSubject, THE_AUDIT } from './findings/event-graph.js';
import { FindingsLog } from './findings/findings-log.js';
import { findForeign, type ForeignFinding } from './findings/foreign.js';
import { chooseCurrent, findOwnLabel, readAuditName, readConclusions, readJudgements, readKeywordSets, readSlices, readSpans } from './findings/views.js';

export const FINDINGS_FILE = 'findings.jsonl';

export interface Judgement {
  readonly completionId: number;
  /** `null` takes the judgement back. */
  readonly label: FindingLabel | null;
  readonly category: string | null;
  readonly note: string;
}

/** What an edit of a span can change. */
export type SpanEdit = Partial<Omit<SpanContent, 'completionId'>>;

/** What {@link FindingsFile.undo} took back. */
export interface Undone {
  readonly completionId: number;
  /** The span that it was about, where it was about one or a reply to it. */
  readonly finding?: string;
}

/** An event without what every event has. */
type Draft<E extends FindingEvent = FindingEvent> = E extends FindingEvent ? Omit<E, 'id' | 'supersedes' | 'author' | 'time'> : never;
type SpanDraft = Draft<SpanEvent>;
type ReplyDraft = Draft<ReplyEvent>;

export class FindingsFile {
  readonly #log: FindingsLog;
  readonly #author: string;
  readonly #changed = new Emitter<ReadonlyMap<number, CompletionFinding>>();
  #judgements: ReadonlyMap<number, readonly CompletionFinding[]> = new Map();
  #current: ReadonlyMap<number, CompletionFinding> = new Map();
  /** `null` until they are asked for. */
  #spans: readonly SpanFinding[] | null = null;
  /** Takes back the changes of this session, latest last. */
  readonly #undoable: (() => Promise<Undone>)[] = [];
  /** Changes are applied one after the other, each to the state that the one before left. */
  #queue: Promise<void>;

  private constructor(folder: string, author: string) {
    this.#log = new FindingsLog(join(folder, FINDINGS_FILE));
    this.#author = author;
    this.#queue = this.#read();
    this.#queue.catch(() => undefined);
  }

  /** Opens the findings of an audit; the file is made with the first one. `author` signs what is written here. */
  static async open(folder: string, author: string): Promise<FindingsFile> {
    const file = new FindingsFile(folder, author);
    await file.#queue;
    return file;
  }

  /** The same without waiting: empty until the file is read, which fires {@link onDidChange}. */
  static openLater(folder: string, author: string): FindingsFile {
    return new FindingsFile(folder, author);
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

  // What follows resolves when it is on disk, and rejects with an `AuditError` where it cannot be written.

  /** Replaces the author's own judgement of the completion; those of others stand beside it. */
  set(judgement: Judgement): Promise<void> {
    return this.#enqueue(async () => {
      const { completionId } = judgement;
      const former = findOwnLabel(this.#log.graph, completionId, this.#author);
      await this.#label(judgement);
      this.#undoable.push(async () => {
        await this.#label(former ?? { completionId, label: null, category: null, note: '' }, former?.time);
        return { completionId };
      });
    });
  }

  /** Resolves to the id of the finding, which stays the same over its edits. */
  addSpan(content: SpanContent): Promise<string> {
    return this.#enqueue(async () => {
      const finding = randomUUID();
      await this.#putSpan({ kind: 'span', finding, ...copySpan(content), state: 'open' });
      return finding;
    });
  }

  /** @throws AuditError `internal` where there is no such finding any more; the same holds for what follows */
  editSpan(finding: string, edit: SpanEdit): Promise<void> {
    return this.#changeSpan(finding, (span) => ({ ...span, ...copySpan({ ...span, ...edit }) }));
  }

  resolveSpan(finding: string): Promise<void> {
    return this.#changeSpan(finding, (span) => ({ ...span, state: 'resolved' }));
  }

  reopenSpan(finding: string): Promise<void> {
    return this.#changeSpan(finding, (span) => ({ ...span, state: 'open' }));
  }

  deleteSpan(finding: string): Promise<void> {
    return this.#changeSpan(finding, (span) => ({ ...span, state: 'deleted' }));
  }

  /** Resolves to the id of the reply, which stays the same over its edits. */
  addReply(finding: string, note: string): Promise<string> {
    return this.#enqueue(async () => {
      this.#findSpan(finding);
      const reply = randomUUID();
      await this.#putReply({ kind: 'reply', finding, reply, note, state: 'open' });
      return reply;
    });
  }

  editReply(reply: string, note: string): Promise<void> {
    return this.#enqueue(() => this.#putReply({ ...this.#findReply(reply), note }));
  }

  deleteReply(reply: string): Promise<void> {
    return this.#enqueue(() => this.#putReply({ ...this.#findReply(reply), state: 'deleted' }));
  }

  /** Replaces the audit's conclusion, whoever wrote it; `null` takes it back. */
  setConclusion(conclusion: ConclusionContent | null): Promise<void> {
    const { statement, confidence, citations, draftedBy } = conclusion ?? { statement: '', confidence: 'inconclusive', citations: [] };
    return this.#enqueue(() =>
      this.#append(
        { kind: 'conclusion', statement, confidence, citations: [...citations], ...(draftedBy !== undefined && { draftedBy }) },
        this.#log.graph.heads('conclusion', THE_AUDIT),
      ),
    );
  }

  /** Replaces all of the audit's keyword sets. */
  setKeywordSets(sets: readonly KeywordSet[]): Promise<void> {
    const copies = sets.map((set) => ('words' in set ? { name: set.name, words: [...set.words] } : { name: set.name, regex: set.regex }));
    return this.#enqueue(() => this.#append({ kind: 'keywords', sets: copies }, this.#log.graph.heads('keywords', THE_AUDIT)));
  }

  addBlindSlice({ k, seed, score, framing, population, top, random, ids }: BlindSlice): Promise<void> {
    const slice = { k, seed, score, framing, population, top: [...top], random: [...random], ids: [...ids] };
    return this.#enqueue(() => this.#append({ kind: 'blind', slice }, []));
  }

  /**
   * Renames the audit; a blank name gives it back that of its plan. A name is something that people say of an audit: the
   * journal's header stays as it was measured, and two people's names merge as all findings do.
   */
  setAuditName(name: string): Promise<void> {
    return this.#enqueue(() => this.#append({ kind: 'name', name: name.trim() }, this.#log.graph.heads('name', THE_AUDIT)));
  }

  /** Takes back the last change of a judgement, a span or a reply made through this object; `null` where there is none. */
  undo(): Promise<Undone | null> {
    return this.#enqueue(async () => {
      const takeBack = this.#undoable.at(-1);
      if (!takeBack) return null;
      const undone = await takeBack();
      this.#undoable.pop();
      return undone;
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
    if (await this.#log.read()) this.#tell();
  }

  #label({ completionId, label, category, note }: Judgement, time?: string): Promise<void> {
    const own = this.#log.graph.heads('label', labelSubject(completionId)).filter(({ author }) => author === this.#author);
    return this.#append({ kind: 'label', completionId, label, category, note }, own, time);
  }

  #changeSpan(finding: string, change: (span: SpanDraft) => SpanDraft): Promise<void> {
    return this.#enqueue(() => this.#putSpan(change(this.#findSpan(finding))));
  }

  /** Puts a span in the place of what there is of the same finding, so that it can be taken back. */
  async #putSpan(span: SpanDraft): Promise<void> {
    const { finding, completionId } = span;
    const former = this.#headOfSpan(finding);
    await this.#append(span, this.#log.graph.heads('span', finding));
    this.#undoable.push(async () => {
      await this.#append(former ?? { ...span, state: 'deleted' }, this.#log.graph.heads('span', finding));
      return { completionId, finding };
    });
  }

  async #putReply(reply: ReplyDraft): Promise<void> {
    const { finding } = reply;
    const { completionId } = this.#findSpan(finding);
    const former = this.#headOfReply(reply.reply);
    await this.#append(reply, this.#log.graph.heads('reply', reply.reply));
    this.#undoable.push(async () => {
      await this.#append(former ?? { ...reply, state: 'deleted' }, this.#log.graph.heads('reply', reply.reply));
      return { completionId, finding };
    });
  }

  #headOfSpan(finding: string): SpanDraft | null {
    const head = this.#log.graph.heads('span', finding).at(-1);
    return head ? { kind: 'span', finding, ...copySpan(head), state: head.state } : null;
  }

  #headOfReply(reply: string): ReplyDraft | null {
    const head = this.#log.graph.heads('reply', reply).at(-1);
    return head ? { kind: 'reply', finding: head.finding, reply, note: head.note, state: head.state } : null;
  }

  #findSpan(finding: string): SpanDraft {
    const span = this.#headOfSpan(finding);
    if (!span || span.state === 'deleted') throw new AuditError('internal', 'This finding is no longer there: it was deleted. Undo brings back what you deleted yourself.');
    return span;
  }

  #findReply(reply: string): ReplyDraft {
    const found = this.#headOfReply(reply);
    if (!found || found.state === 'deleted') throw new AuditError('internal', 'This reply is no longer there: it was deleted. Undo brings back what you deleted yourself.');
    return found;
  }

  async #append(draft: Draft, supersedes: readonly FindingEvent[], time = nextTime()): Promise<void> {
    await this.#log.append({ id: randomUUID(), supersedes: supersedes.map(({ id }) => id), ...draft, author: this.#author, time } as FindingEvent);
    this.#tell();
  }

  #tell(): void {
    this.#judgements = readJudgements(this.#log.graph);
    this.#current = chooseCurrent(this.#judgements, this.#author);
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

function copySpan({ completionId, span, quote, label, category, note }: SpanContent): SpanContent {
  return { completionId, span: { start: span.start, end: span.end }, quote, label, category, note };
}

/** The audits of the workspace with what was found in them, as a tree that follows the files. */
import { EventEmitter, type Disposable, type TreeDataProvider, type TreeItem } from 'vscode';
import { listAudits, type AuditEntry } from '../../records/journal/audit-folder.js';
import type { Author } from '../../records/findings/authors.js';
import type { AuditQueue } from '../../runner/run/audit-queue.js';
import { titleAudits } from '../audit-titles.js';
import { PacedTask } from '../paced-task.js';
import { groupFindings, readAuditFacts, type AuditFacts } from './audit-facts.js';
import { isBusy, makeItem, type AuditNode, type ItemCommands } from './audit-item.js';
import { AuditsWatcher, stampAudit } from './audits-watcher.js';

const PAUSE_MS = 400;

export interface AuditsTreeSurroundings {
  readonly queue: AuditQueue;
  /** Folders that audits lie under. */
  readonly auditRoots: () => readonly string[];
  readonly findAuthor: () => Promise<Author>;
  readonly commands: ItemCommands;
  /** Told how many audits there are whenever they were read. */
  readonly onDidRead?: (count: number) => void;
}

export class AuditsTree implements TreeDataProvider<AuditNode>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #refresh = new PacedTask(async () => this.#changed.fire(undefined), PAUSE_MS);
  readonly #watcher: AuditsWatcher;
  readonly #parts: Disposable[];
  /** By folder, with the state of the files that they were read from. */
  readonly #known = new Map<string, { readonly stamp: string; readonly facts: AuditFacts }>();
  /** Statuses of what runs in this window. */
  #following: { dispose(): void }[] = [];

  constructor(private readonly surroundings: AuditsTreeSurroundings) {
    this.#watcher = new AuditsWatcher(surroundings.auditRoots, () => this.#refresh.request());
    this.#parts = [this.#changed, this.#refresh, this.#watcher, surroundings.queue.onDidChange(() => this.#follow())];
    this.#follow();
  }

  /** Whether anybody looks at the tree: only then are the files looked at. */
  setVisible(visible: boolean): void {
    this.#watcher.watch(visible);
  }

  /** Reads everything again. */
  refresh(): void {
    this.#known.clear();
    this.#refresh.request();
  }

  async getChildren(node?: AuditNode): Promise<AuditNode[]> {
    if (!node) return this.#readAudits();
    const { facts } = node;
    if (node.kind === 'group') {
      const texts = await facts.texts();
      return node.group.findings.map((finding) => ({ kind: 'finding', facts, finding, text: texts.get(finding.completionId) }));
    }
    if (node.kind !== 'audit') return [];
    const groups = groupFindings(facts);
    return groups.length === 0 ? [{ kind: 'none', facts }] : groups.map((group) => ({ kind: 'group', facts, group }));
  }

  getTreeItem(node: AuditNode): TreeItem {
    return makeItem(node, this.surroundings.commands);
  }

  dispose(): void {
    for (const part of [...this.#parts, ...this.#following]) part.dispose();
  }

  async #readAudits(): Promise<AuditNode[]> {
    const { auditRoots, findAuthor } = this.surroundings;
    const [entries, author] = await Promise.all([listAudits(auditRoots()), findAuthor()]);
    const all: AuditFacts[] = [];
    // One journal after the other, so that long ones do not keep the host from its other work.
    for (const entry of entries) all.push(await this.#read(entry, author));
    const titles = titleAudits(all.map(({ entry, name }) => ({ ...entry, name })));
    this.surroundings.onDidRead?.(all.length);
    return all.map((facts) => ({ kind: 'audit', facts, title: titles.get(facts.entry.folder)! }));
  }

  async #read(entry: AuditEntry, author: Author): Promise<AuditFacts> {
    const { folder } = entry;
    const session = this.surroundings.queue.sessions.find((running) => running.folder === folder);
    const stamp = session ? null : await stampAudit(folder);
    const known = this.#known.get(folder);
    if (known?.stamp === stamp) return known!.facts;
    const facts = await readAuditFacts(entry, session, author);
    // Who writes elsewhere may end without a last line.
    if (stamp === null || (facts.status && isBusy(facts.status))) this.#known.delete(folder);
    else this.#known.set(folder, { stamp, facts });
    return facts;
  }

  #follow(): void {
    for (const listener of this.#following) listener.dispose();
    const follow = () => this.#refresh.request();
    this.#following = this.surroundings.queue.sessions.flatMap((session) => [session.onDidChangeStatus(follow), session.findings.onDidChange(follow)]);
    follow();
  }
}

/** The audits of the workspace with what was found in them, as a tree that follows the files. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EventEmitter, RelativePattern, Uri, workspace, type Disposable, type TreeDataProvider, type TreeItem } from 'vscode';
import { AUDITS_FOLDER, listAudits, type AuditEntry } from '../../records/audit-folder.js';
import { FINDINGS_FILE } from '../../records/findings.js';
import { JOURNAL_FILE } from '../../records/journal-format.js';
import type { AuditQueue } from '../../runner/audit-queue.js';
import { PacedTask } from '../paced-task.js';
import { groupFindings, readAuditFacts, type AuditFacts } from './audit-facts.js';
import { isBusy, makeItem, type AuditNode, type ItemCommands } from './audit-item.js';

const PAUSE_MS = 400;

export interface AuditsTreeSurroundings {
  readonly queue: AuditQueue;
  readonly auditsRoot: () => string;
  readonly findAuthor: () => Promise<string>;
  readonly commands: ItemCommands;
}

export class AuditsTree implements TreeDataProvider<AuditNode>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #refresh = new PacedTask(async () => this.#changed.fire(undefined), PAUSE_MS);
  readonly #parts: Disposable[];
  /** By folder, with the state of the files that they were read from. */
  readonly #known = new Map<string, { readonly stamp: string; readonly facts: AuditFacts }>();
  /** Statuses of what runs in this window. */
  #following: { dispose(): void }[] = [];

  constructor(private readonly surroundings: AuditsTreeSurroundings) {
    const root = Uri.file(surroundings.auditsRoot());
    const follow = (): void => this.#refresh.request();
    const watch = (pattern: string) => {
      const watcher = workspace.createFileSystemWatcher(new RelativePattern(root, pattern));
      return [watcher, watcher.onDidChange(follow), watcher.onDidCreate(follow), watcher.onDidDelete(follow)];
    };
    this.#parts = [
      this.#changed,
      this.#refresh,
      // A folder that goes is told by itself only.
      ...watch(`${AUDITS_FOLDER}/*`),
      ...watch(`${AUDITS_FOLDER}/*/{${JOURNAL_FILE},${FINDINGS_FILE}}`),
      surroundings.queue.onDidChange(() => this.#follow()),
    ];
    this.#follow();
  }

  /** Reads everything again. */
  refresh(): void {
    this.#known.clear();
    this.#refresh.request();
  }

  async getChildren(node?: AuditNode): Promise<AuditNode[]> {
    if (!node) return this.#readAudits();
    const { facts } = node;
    if (node.kind === 'group') return node.group.findings.map((finding) => ({ kind: 'finding', facts, finding }));
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
    const { auditsRoot, findAuthor } = this.surroundings;
    const [entries, author] = await Promise.all([listAudits(auditsRoot()), findAuthor()]);
    const nodes: AuditNode[] = [];
    // One journal after the other, so that long ones do not keep the host from its other work.
    for (const entry of entries) nodes.push({ kind: 'audit', facts: await this.#read(entry, author) });
    return nodes;
  }

  async #read(entry: AuditEntry, author: string): Promise<AuditFacts> {
    const { folder } = entry;
    const session = this.surroundings.queue.sessions.find((running) => running.folder === folder);
    const stamp = session ? null : await stampFiles(folder);
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

async function stampFiles(folder: string): Promise<string> {
  const stamps = [JOURNAL_FILE, FINDINGS_FILE].map((name) => stat(join(folder, name)).then(({ mtimeMs, size }) => `${mtimeMs} ${size}`, () => 'none'));
  return (await Promise.all(stamps)).join('\n');
}

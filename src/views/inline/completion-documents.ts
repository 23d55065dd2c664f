/** Completions as read-only documents of the editor: which are open, of which audit, and what is in them. */
import {
  EventEmitter,
  l10n,
  Range,
  TextEditorRevealType,
  Selection,
  window,
  workspace,
  type Disposable,
  type TextDocument,
  type TextEditor,
  type Uri,
} from 'vscode';
import { nameRank } from '../../audit/ranking.js';
import type { CompletionRecord } from '../../audit/completion.js';
import { AuditError } from '../../audit/errors.js';
import type { TextRange } from '../../analysis/patterns/pattern.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { watchJournal } from '../journal-watcher.js';
import type { OpenAudits } from '../open-audits.js';
import { CompletionRanks, findRank, type SessionRanks } from './completion-ranks.js';
import { makeCompletionText, type CompletionText } from './completion-text.js';
import { makeCompletionUri, readCompletionUri, type CompletionAddress } from './completion-uri.js';

/** A completion that is open in the editor. */
export interface OpenCompletion {
  readonly uri: Uri;
  readonly session: AuditSession;
  readonly record: CompletionRecord;
  readonly content: CompletionText;
}

interface Entry extends OpenCompletion {
  close(): void;
}

export class CompletionDocuments implements Disposable {
  readonly ranks = new CompletionRanks();
  readonly #entries = new Map<string, Promise<Entry>>();
  /** The same once they are there. */
  readonly #open = new Map<string, Entry>();
  readonly #opened = new EventEmitter<OpenCompletion>();
  readonly #closed = new EventEmitter<OpenCompletion>();
  readonly #changed = new EventEmitter<OpenCompletion>();
  readonly #parts: Disposable[];

  /** @param isOurs whether this window writes the journal of a session itself */
  constructor(
    private readonly audits: OpenAudits,
    private readonly isOurs: (session: AuditSession) => boolean,
  ) {
    this.#parts = [
      this.#opened,
      this.#closed,
      this.#changed,
      workspace.onDidOpenTextDocument((document) => this.#follow(document)),
      workspace.onDidCloseTextDocument((document) => void this.#close(document)),
    ];
    for (const document of workspace.textDocuments) this.#follow(document);
  }

  /** A completion's content is there. */
  readonly onDidOpen = this.#opened.event;
  readonly onDidClose = this.#closed.event;
  /** What auditors say of it changed, or its rank may have. */
  readonly onDidUpdate = this.#changed.event;

  get all(): readonly OpenCompletion[] {
    return [...this.#open.values()];
  }

  find(document: Pick<TextDocument, 'uri'> | undefined): OpenCompletion | undefined {
    return document && this.#open.get(document.uri.toString());
  }

  /** The completion in the editor that has the focus, or had it last. */
  get active(): OpenCompletion | undefined {
    return this.find(window.activeTextEditor?.document);
  }

  ranksOf(session: AuditSession): Promise<SessionRanks> {
    return this.ranks.of(session);
  }

  /**
   * Shows a completion, in the editor that shows it already where there is one.
   * @param place in bytes of prefill and completion joined: what is selected
   * @param preserveFocus leaves the focus where it is
   * @throws AuditError `fileNotFound`, `badJournal`
   */
  async show(address: CompletionAddress, place?: { readonly start: number; readonly end: number }, preserveFocus = false): Promise<TextEditor> {
    // Held from here on, so that the journal is read once for all that follows.
    const lease = await this.audits.open(address.folder);
    try {
      const known = this.all.find(({ session, record }) => session === lease.session && record.id === address.id);
      const document = await workspace.openTextDocument(known?.uri ?? (await this.#name(address, lease.session)));
      const { content } = await this.#entry(document.uri);
      const editor = await window.showTextDocument(document, { preview: true, preserveFocus });
      const range = place && content.placeSpan(place);
      if (range) revealRange(editor, range);
      return editor;
    } finally {
      lease.release();
    }
  }

  /** Closes what shows completions of an audit, which is about to go. */
  async closeAudit(folder: string): Promise<void> {
    const tabs = window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(({ input }) => {
        const uri = (input as { uri?: Uri } | undefined)?.uri;
        return uri !== undefined && readCompletionUri(uri)?.folder === folder;
      });
    if (tabs.length > 0) await window.tabGroups.close(tabs);
  }

  dispose(): void {
    for (const entry of this.#open.values()) entry.close();
    this.#open.clear();
    this.#entries.clear();
    for (const part of this.#parts) part.dispose();
  }

  async #name(address: CompletionAddress, session: AuditSession): Promise<Uri> {
    const record = requireRecord(session, address.id);
    const place = findRank(await this.ranksOf(session), record);
    const title = place
      ? `${nameRank(record.framing, place.rank)} · ${session.displayName}`
      : l10n.t('#{0}, {1} · {2}', record.id, record.framing, session.displayName);
    return makeCompletionUri(address, title);
  }

  /** One that cannot be read shows why in its own place. */
  #follow({ uri }: TextDocument): void {
    if (readCompletionUri(uri)) this.#entry(uri).catch(() => undefined);
  }

  #entry(uri: Uri): Promise<Entry> {
    const key = uri.toString();
    const known = this.#entries.get(key);
    if (known) return known;
    const entry = this.#read(uri);
    this.#entries.set(key, entry);
    entry.then(
      (opened) => {
        this.#open.set(key, opened);
        this.#opened.fire(opened);
      },
      () => this.#entries.delete(key),
    );
    return entry;
  }

  async #read(uri: Uri): Promise<Entry> {
    const address = readCompletionUri(uri);
    if (!address) throw new AuditError('fileNotFound', l10n.t('{0} is not the address of a completion.', uri.toString()));
    const lease = await this.audits.open(address.folder);
    try {
      const { session } = lease;
      const record = requireRecord(session, address.id);
      const watcher = watchJournal(session, () => this.isOurs(session));
      const entry: Entry = {
        uri,
        session,
        record,
        content: makeCompletionText(session, record),
        close: () => {
          for (const part of listeners) part.dispose();
          watcher.dispose();
          lease.release();
          this.#closed.fire(entry);
        },
      };
      const tell = () => this.#changed.fire(entry);
      const listeners = [session.findings.onDidChange(tell), session.onDidAddCompletions(tell)];
      return entry;
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  async #close(document: TextDocument): Promise<void> {
    const key = document.uri.toString();
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    const opened = await entry.catch(() => undefined);
    if (!opened) return;
    this.#open.delete(key);
    opened.close();
  }
}

function requireRecord(session: AuditSession, id: number): CompletionRecord {
  const record = session.record(id);
  if (!record) throw new AuditError('badJournal', l10n.t('{0} has no completion #{1}.', session.displayName, id));
  return record;
}

function revealRange(editor: TextEditor, [start, end]: TextRange): void {
  const range = new Range(editor.document.positionAt(start), editor.document.positionAt(end));
  editor.selection = new Selection(range.start, range.end);
  editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
}

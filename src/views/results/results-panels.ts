/** The results pages: one editor tab per audit, which can be closed and reopened at any time, also while it runs. */
import { createMessageConnection } from 'vscode-jsonrpc/node';
import { l10n, Uri, ViewColumn, type Disposable, type Webview, type WebviewPanel, type WebviewPanelSerializer } from 'vscode';
import { z } from 'zod';
import { AuditError } from '../../audit/errors.js';
import type { PageCommandName } from '../../messages/page-commands.js';
import type { ReadPageKeys } from '../../messages/page-keys.js';
import type { PageListener } from '../../messages/page.js';
import { tellOver } from '../../messages/remote.js';
import { WindowMessageReader, WindowMessageWriter, type WindowPort } from '../../messages/window-transport.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { readAuditTitles } from '../audit-titles.js';
import { watchJournal } from '../journal-watcher.js';
import type { AuditLease, OpenAudits } from '../open-audits.js';
import { PacedTask } from '../paced-task.js';
import { PageHost, type PageSurroundings } from './page-host.js';
import { makeResultsHtml } from './results-html.js';
import { createWebviewPanel, setTitle } from '../../editor/shown/editor-parts.js';
import { checkShape } from '../../text/check-shape.js';

export const RESULTS_VIEW_TYPE = 'finetuneAuditor.results';

const TITLES_PAUSE_MS = 100;

/** What of the page's own state is read here: the page is restored by it. */
const pageStateSchema = z.looseObject({ folder: z.string().min(1) });

interface OpenPanel {
  readonly panel: WebviewPanel;
  readonly session: AuditSession;
  /** What is told to the page, whether it listens or not. */
  readonly page: PageListener;
}

export class ResultsPanels implements WebviewPanelSerializer, Disposable {
  readonly #panels = new Map<string, OpenPanel>();
  readonly #titles = new PacedTask(() => this.#retitle(), TITLES_PAUSE_MS);

  constructor(
    private readonly extensionUri: Uri,
    private readonly audits: OpenAudits,
    private readonly surroundings: PageSurroundings,
    private readonly isOurs: (session: AuditSession) => boolean,
    private readonly auditRoots: () => readonly string[],
  ) {}

  /**
   * Opens the page of an audit, or brings it to the front.
   * @param preserveFocus leaves the focus where it is
   */
  async show(folder: string, preserveFocus = false): Promise<void> {
    const open = this.#panels.get(folder);
    if (open) {
      open.panel.reveal(undefined, preserveFocus);
      return;
    }
    const lease = await this.audits.open(folder);
    // Somebody may have opened it meanwhile.
    if (this.#panels.has(folder)) {
      lease.release();
      return this.show(folder, preserveFocus);
    }
    const options = { retainContextWhenHidden: true };
    const panel = createWebviewPanel(RESULTS_VIEW_TYPE, lease.session.displayName, { viewColumn: ViewColumn.Active, preserveFocus }, options);
    try {
      this.#attach(panel, lease);
    } catch (error) {
      panel.dispose();
      throw error;
    }
  }

  /** Fills a panel that VS Code made; where the audit has a page already, that comes to the front in its place. */
  async adopt(folder: string, panel: WebviewPanel): Promise<void> {
    let closed = false;
    const listener = panel.onDidDispose(() => (closed = true));
    const lease = await this.audits.open(folder).finally(() => listener.dispose());
    const open = this.#panels.get(folder);
    if (!closed && !open) {
      this.#attach(panel, lease);
      return;
    }
    lease.release();
    if (closed) return;
    open!.panel.reveal();
    panel.dispose();
  }

  /** The audit whose page is in front, if one is. */
  get active(): AuditSession | undefined {
    return this.#findActive()?.session;
  }

  /** Closes the page of an audit, which is about to go. */
  close(folder: string): void {
    this.#panels.get(folder)?.panel.dispose();
  }

  /** Whether the user can see this audit's page now. */
  isVisible(folder: string): boolean {
    return this.#panels.get(folder)?.panel.visible ?? false;
  }

  tellActive(command: PageCommandName): void {
    this.#findActive()?.page.onCommand(command);
  }

  /** Every open page goes by these keys from here on. */
  tellKeys(keys: ReadPageKeys): void {
    for (const { page } of this.#panels.values()) page.onPageKeys(keys);
  }

  /** Brings a page back after the window was reloaded. */
  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const parsed = checkShape(pageStateSchema, state);
    if (!parsed.success) {
      panel.dispose();
      return;
    }
    try {
      await this.adopt(parsed.data.folder, panel);
    } catch (error) {
      panel.dispose();
      // A run that ended before it had measured anything leaves nothing to come back to.
      if (!(error instanceof AuditError && error.code === 'fileNotFound')) this.surroundings.reportFailure(error);
    }
  }

  dispose(): void {
    this.#titles.dispose();
    for (const { panel } of [...this.#panels.values()]) panel.dispose();
  }

  async #retitle(): Promise<void> {
    const titles = await readAuditTitles(this.auditRoots());
    for (const [folder, { panel, session }] of this.#panels) {
      if (panel.viewType === RESULTS_VIEW_TYPE) this.#setTitle(panel, titles.get(folder) ?? session.displayName);
    }
  }

  #setTitle(panel: WebviewPanel, name: string): void {
    setTitle(panel, l10n.t('Audit: {0}', name));
  }

  #findActive(): OpenPanel | undefined {
    return [...this.#panels.values()].find(({ panel }) => panel.active);
  }

  /** The lease is given back when the panel closes, or at once where it cannot be filled. */
  #attach(panel: WebviewPanel, lease: AuditLease): void {
    try {
      this.#fill(panel, lease);
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  #fill(panel: WebviewPanel, lease: AuditLease): void {
    const { session } = lease;
    if (panel.viewType === RESULTS_VIEW_TYPE) {
      this.#setTitle(panel, session.displayName);
      // Another audit of this name may have a page already; one that has just begun is among the audits when its journal is there.
      this.#titles.request();
      let { name, state } = { name: session.displayName, state: session.status.state };
      const follow = () => {
        if (session.displayName !== name || session.status.state !== state) this.#titles.request();
        ({ name, state } = { name: session.displayName, state: session.status.state });
      };
      const listeners = [session.findings.onDidChange(follow), session.onDidChangeStatus(follow)];
      panel.onDidDispose(() => listeners.forEach((listener) => listener.dispose()));
      panel.iconPath = Uri.joinPath(this.extensionUri, 'media', 'icon.svg');
    }
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(this.extensionUri, 'dist'), Uri.joinPath(this.extensionUri, 'media')],
    };
    const port = makePort(panel.webview);
    const connection = createMessageConnection(new WindowMessageReader(port), new WindowMessageWriter(port));
    const host = new PageHost(session, connection, this.surroundings);
    const watcher = watchJournal(session, () => this.isOurs(session));
    this.#panels.set(session.folder, { panel, session, page: tellOver<PageListener>(connection) });
    panel.onDidDispose(() => {
      this.#panels.delete(session.folder);
      watcher.dispose();
      host.dispose();
      lease.release();
    });
    panel.webview.html = makeResultsHtml(panel.webview, this.extensionUri, session.name);
  }
}

function makePort(webview: Webview): WindowPort {
  return {
    // Messages to a page that is hidden come to nothing; it asks for everything again when it is shown.
    postMessage: (message) => webview.postMessage(message),
    onMessage: (listener) => webview.onDidReceiveMessage(listener),
  };
}

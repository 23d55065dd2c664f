/** The item at the bottom of the window while audits run or wait. */
import { l10n, StatusBarAlignment, type Disposable } from 'vscode';
import type { AuditQueue } from '../runner/run/audit-queue.js';
import type { AuditSession } from '../runner/run/audit-session.js';
import { SafeStatusItem } from '../editor/shown/editor-parts.js';
import { visibleLine } from '../text/visible-text.js';
import { describeDone, describeProgress } from '../text/progress.js';

export class QueueStatusBar implements Disposable {
  readonly #item = new SafeStatusItem('finetuneAuditor.queue', l10n.t('Finetune audits'), StatusBarAlignment.Left);
  #shown: { readonly session: AuditSession; readonly listener: { dispose(): void } } | undefined;
  readonly #listener: { dispose(): void };

  constructor(
    private readonly queue: AuditQueue,
    private readonly openCommand: string,
  ) {
    this.#listener = queue.onDidChange(() => this.#follow());
  }

  dispose(): void {
    this.#listener.dispose();
    this.#shown?.listener.dispose();
    this.#item.dispose();
  }

  #follow(): void {
    const session = this.queue.running;
    if (session !== this.#shown?.session) {
      this.#shown?.listener.dispose();
      this.#shown = session ? { session, listener: session.onDidChangeStatus(() => this.#render()) } : undefined;
    }
    this.#render();
  }

  #render(): void {
    const session = this.#shown?.session;
    if (!session) {
      this.#item.hide();
      return;
    }
    const { status, name } = session;
    const waiting = this.queue.sessions.length - 1;
    const done = status.message === '' ? l10n.t('starting') : visibleLine(describeDone(status));
    this.#item.show({
      icon: status.standstill === undefined ? 'beaker' : 'warning',
      text: waiting > 0 ? l10n.t('{0}, {1} waiting', done, waiting) : done,
      tooltip: `${name}\n${describeProgress(status)}`,
      command: { command: this.openCommand, title: l10n.t('Open Audit'), arguments: [session.folder] },
    });
  }
}

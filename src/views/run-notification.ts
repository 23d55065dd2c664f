/** The notification of a running audit, with its progress and a way to stop it. */
import { l10n, ProgressLocation, window } from 'vscode';
import type { AuditSession } from '../runner/audit-session.js';
import { describeProgress } from './status-text.js';

/** Shown until `done` settles. Cancelling stops the run; what is journalled stays. */
export function showRunNotification(session: AuditSession, done: Promise<unknown>, stop: () => void): void {
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t('Audit {0}', session.plan.name),
    cancellable: true,
  };
  void window.withProgress(options, async (progress, cancellation) => {
    let percent = 0;
    const report = () => {
      const { status } = session;
      const now = status.completionsTotal > 0 ? (100 * status.completionsDone) / status.completionsTotal : 0;
      progress.report({ message: describeProgress(status), increment: Math.max(0, now - percent) });
      percent = Math.max(percent, now);
    };
    report();
    const listeners = [session.onDidChangeStatus(report), cancellation.onCancellationRequested(stop)];
    try {
      await done;
    } catch {
      // Whoever runs the audit tells how it failed.
    } finally {
      listeners.forEach((listener) => listener.dispose());
    }
  });
}

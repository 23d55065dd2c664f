/** Follows what others write into an audit's folder: a run of the command line, a merge of findings. */
import { RelativePattern, Uri, workspace, type Disposable } from 'vscode';
import { FINDINGS_FILE } from '../records/findings.js';
import { JOURNAL_FILE } from '../records/journal-format.js';
import type { AuditSession } from '../runner/audit-session.js';

const PAUSE_MS = 500;

/** @param isOurs whether this window writes the journal itself, so that there is nothing to learn from the file */
export function watchJournal(session: AuditSession, isOurs: () => boolean): Disposable {
  const pattern = new RelativePattern(Uri.file(session.folder), `{${JOURNAL_FILE},${FINDINGS_FILE}}`);
  const watcher = workspace.createFileSystemWatcher(pattern);
  let timer: NodeJS.Timeout | undefined;
  const readAgain = () => {
    timer = undefined;
    const reading = isOurs() ? session.findings.reload() : session.reload();
    // A file that is being replaced is read at its next change.
    reading.catch(() => undefined);
  };
  const notice = () => (timer ??= setTimeout(readAgain, PAUSE_MS));
  const listeners = [watcher.onDidChange(notice), watcher.onDidCreate(notice)];
  return {
    dispose: () => {
      clearTimeout(timer);
      listeners.forEach((listener) => listener.dispose());
      watcher.dispose();
    },
  };
}

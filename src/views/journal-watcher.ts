/** Follows what others write into an audit's folder: a run of the command line, a merge of findings. */
import { basename } from 'node:path';
import { RelativePattern, Uri, workspace, type Disposable } from 'vscode';
import { FINDINGS_FILE } from '../records/findings.js';
import { JOURNAL_FILE } from '../records/journal-format.js';
import type { AuditSession } from '../runner/audit-session.js';
import { PacedTask } from './paced-task.js';

const PAUSE_MS = 500;

/** @param isOurs whether this window writes the journal itself, so that there is nothing to learn from the file */
export function watchJournal(session: AuditSession, isOurs: () => boolean): Disposable {
  const pattern = new RelativePattern(Uri.file(session.folder), `{${JOURNAL_FILE},${FINDINGS_FILE}}`);
  const watcher = workspace.createFileSystemWatcher(pattern);
  // A file that is being replaced is read at its next change.
  const journal = new PacedTask(async (signal) => {
    if (!isOurs()) await session.reload(signal);
  }, PAUSE_MS);
  const findings = new PacedTask(() => session.findings.reload(), PAUSE_MS);
  const notice = (uri: Uri) => {
    if (basename(uri.path) === FINDINGS_FILE) findings.request();
    else if (!isOurs()) journal.request();
  };
  const parts: Disposable[] = [watcher.onDidChange(notice), watcher.onDidCreate(notice), watcher, journal, findings];
  return { dispose: () => parts.forEach((part) => part.dispose()) };
}

/** Follows what others write into an audit's folder: a run of the command line, a merge of findings. */
import { unwatchFile, watchFile, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Disposable } from 'vscode';
import { FINDINGS_FILE } from '../records/findings/findings.js';
import { JOURNAL_FILE } from '../records/journal/journal-format.js';
import type { AuditSession } from '../runner/run/audit-session.js';
import { PacedTask } from './paced-task.js';

const PAUSE_MS = 200;
/**
 * Two files are asked for their size and time this often. An editor's watchers tell sooner but not surely: events are lost
 * on network drives, in containers, under load and where `files.watcherExclude` says so, and what is not told here is a
 * colleague's work that nobody sees.
 */
const LOOK_MS = 1000;

/** @param isOurs whether this window writes the journal itself, so that there is nothing to learn from the file */
export function watchJournal(session: AuditSession, isOurs: () => boolean): Disposable {
  // A file that is being replaced is read at its next change.
  const journal = new PacedTask(async (signal) => {
    if (!isOurs()) await session.reload(signal);
  }, PAUSE_MS);
  const findings = new PacedTask(() => session.findings.reload(), PAUSE_MS);
  const parts: Disposable[] = [
    journal,
    findings,
    onChange(join(session.folder, JOURNAL_FILE), () => !isOurs() && journal.request()),
    onChange(join(session.folder, FINDINGS_FILE), () => findings.request()),
  ];
  return { dispose: () => parts.forEach((part) => part.dispose()) };
}

function onChange(path: string, told: () => void): Disposable {
  const look = (now: Stats, before: Stats) => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) told();
  };
  watchFile(path, { interval: LOOK_MS, persistent: false }, look);
  return { dispose: () => unwatchFile(path, look) };
}

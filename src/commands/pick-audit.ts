/** Which of the workspace's audits a command is about. */
import { l10n, window, type QuickPickItem } from 'vscode';
import type { AuditState } from '../messages/page.js';
import { listAudits, readAudit, type AuditEntry } from '../records/audit-folder.js';
import type { Services } from './services.js';

interface AuditItem extends QuickPickItem {
  readonly folder: string;
}

/**
 * Asks for an audit; resolves to its folder, or to undefined when there is none or none was chosen.
 * @param unfinished only the ones that can go on
 */
export async function pickAudit(services: Services, placeHolder: string, unfinished = false): Promise<string | undefined> {
  const items = loadItems(services, unfinished);
  if ((await items).length === 0) {
    const none = unfinished ? l10n.t('There is no audit that could go on.') : l10n.t('There are no audits here yet.');
    void window.showInformationMessage(none);
    return undefined;
  }
  const chosen = await window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true });
  return chosen?.folder;
}

async function loadItems({ auditsRoot, queue }: Services, unfinished: boolean): Promise<AuditItem[]> {
  const entries = await listAudits(auditsRoot());
  const items = await Promise.all(
    entries.map(async (entry) => {
      const running = queue.sessions.find((session) => session.folder === entry.folder);
      const status = running?.status ?? (await readAudit(entry.folder).catch(() => undefined))?.status;
      if (unfinished && (running || !status?.canResume)) return undefined;
      const counts = status && l10n.t('{0} of {1}', status.completionsDone, status.completionsTotal);
      return describeEntry(entry, status ? `${nameState(status.state)} · ${counts}` : l10n.t('cannot be read'));
    }),
  );
  return items.filter((item) => item !== undefined);
}

function describeEntry(entry: AuditEntry, state: string): AuditItem {
  return {
    label: entry.name,
    description: new Date(entry.createdAt).toLocaleString(),
    detail: `${state} · ${l10n.t('{0} against {1}', entry.finetunedName, entry.referenceName)}`,
    folder: entry.folder,
  };
}

function nameState(state: AuditState): string {
  switch (state) {
    case 'queued':
      return l10n.t('waiting');
    case 'loading':
      return l10n.t('loading');
    case 'running':
      return l10n.t('running');
    case 'stopped':
      return l10n.t('not finished');
    case 'finished':
      return l10n.t('finished');
    case 'failed':
      return l10n.t('failed');
  }
}

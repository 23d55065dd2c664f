/** Asks which of the workspace's audits a command is about. */
import { l10n } from 'vscode';
import { NOT_TOLD } from '../audit/imported.js';
import type { AuditState, AuditStatus } from '../messages/page.js';
import { listAudits, type AuditEntry } from '../records/journal/audit-folder.js';
import { findAuditName } from '../records/findings/findings.js';
import { summariseJournal } from '../records/journal/journal-summary.js';
import { SafeQuickPick, type PickItem } from '../editor/shown/quick-inputs.js';
import { countDone, describeDone } from '../text/progress.js';
import type { Services } from './services.js';
import { showInformationMessage } from '../editor/shown/messages.js';

interface AuditItem extends PickItem {
  readonly folder: string;
}

export interface AuditChoice {
  /** Only the ones that can go on, each as soon as it is known. */
  readonly unfinished?: boolean;
  /** Whether an audit is not to be offered, by its folder. */
  readonly without?: (folder: string) => Promise<boolean>;
}

/**
 * Asks for an audit; resolves to its folder, or to undefined when there is none or none was chosen. The list is there at
 * once; how far each audit is follows.
 */
export async function pickAudit(services: Services, placeHolder: string, { unfinished = false, without }: AuditChoice = {}): Promise<string | undefined> {
  const all = await listAudits(services.auditRoots());
  const left = await Promise.all(all.map(async ({ folder }) => (await without?.(folder)) === true));
  const entries = all.filter((_, index) => !left[index]);
  if (entries.length === 0) {
    tellNone(unfinished, all.length > 0);
    return undefined;
  }
  const pick = new SafeQuickPick<AuditItem>({ matchOnDescription: true, matchOnDetail: true });
  pick.placeholder = placeHolder;
  pick.items = unfinished ? [] : entries.map((entry) => describeEntry(entry, l10n.t('reading…')));
  const closed = new AbortController();
  try {
    const chosen = new Promise<string | undefined>((resolve) => {
      pick.onDidAccept(() => pick.activeItems[0] && resolve(pick.activeItems[0].folder));
      pick.onDidHide(() => resolve(undefined));
    });
    pick.show();
    const filled = fillIn(pick, services, entries, unfinished, closed.signal).then(() => chosen);
    return await Promise.race([chosen, filled]);
  } finally {
    closed.abort();
    pick.dispose();
  }
}

/** One journal after the other, so that long ones do not keep the host from its other work. */
async function fillIn(
  pick: SafeQuickPick<AuditItem>,
  { queue }: Services,
  entries: readonly AuditEntry[],
  unfinished: boolean,
  signal: AbortSignal,
): Promise<void> {
  pick.busy = true;
  for (const entry of entries) {
    const running = queue.sessions.find((session) => session.folder === entry.folder);
    const status = running?.status ?? (await summariseJournal(entry.folder, signal).catch(() => undefined));
    if (signal.aborted) return;
    if (unfinished && (running || !status?.canResume)) continue;
    const name = running?.displayName ?? (await findAuditName(entry.folder)) ?? entry.name;
    if (signal.aborted) return;
    showItem(pick, describeEntry({ ...entry, name }, describeState(status)));
  }
  pick.busy = false;
  if (pick.items.length > 0) return;
  tellNone(unfinished);
  pick.hide();
}

/** In the place of the audit's former item, or at the end; the item that is active stays so. */
function showItem(pick: SafeQuickPick<AuditItem>, item: AuditItem): void {
  const active = pick.activeItems[0];
  const known = pick.items.some((other) => other.folder === item.folder);
  pick.keepScrollPosition = true;
  pick.items = known ? pick.items.map((other) => (other.folder === item.folder ? item : other)) : [...pick.items, item];
  if (active) pick.activeItems = pick.items.filter((other) => other.folder === active.folder);
}

function tellNone(unfinished: boolean, isOther = false): void {
  const none = isOther ? l10n.t('There is no other audit here.') : unfinished ? l10n.t('No audit can be resumed.') : l10n.t('There are no audits here yet.');
  void showInformationMessage(none);
}

function describeState(status: AuditStatus | undefined): string {
  if (!status) return l10n.t('cannot be read');
  return `${nameState(status.state)} · ${status.state === 'running' ? describeDone(status) : countDone(status)}`;
}

function describeEntry(entry: AuditEntry, state: string): AuditItem {
  return {
    label: entry.name,
    description: new Date(entry.createdAt).toLocaleString(),
    detail: `${state} · ${nameModels(entry)}`,
    folder: entry.folder,
  };
}

/** An imported file may tell neither. */
function nameModels({ finetunedName, referenceName }: AuditEntry): string {
  if (finetunedName === NOT_TOLD) return l10n.t('models not told');
  return referenceName === NOT_TOLD ? l10n.t('{0}, reference not told', finetunedName) : l10n.t('{0} against {1}', finetunedName, referenceName);
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

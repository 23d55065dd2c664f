/** Commands on one audit, from the tree's menu, or from the palette after asking which. */
import { commands, l10n, Uri, workspace } from 'vscode';
import { AuditError } from '../../audit/errors.js';
import { findJournalWriter } from '../../records/journal/journal-lock.js';
import type { AuditNode } from '../../views/audits-view/audit-item.js';
import type { CommandId, CommandSignatures } from '../command-ids.js';
import { pickAudit } from '../pick-audit.js';
import type { Services } from '../services.js';
import { showWarningMessage } from '../../editor/shown/messages.js';
import { showInputBox } from '../../editor/shown/quick-inputs.js';

type AuditsCommandId = Extract<keyof CommandSignatures, `finetuneAuditor.audits.${string}`>;

const run = (command: CommandId, folder: string | undefined) => commands.executeCommand(command, folder);

export function makeAuditsCommands(services: Services): Pick<CommandSignatures, AuditsCommandId> {
  const { auditsView } = services.editor;
  const about = (question: string, task: (folder: string) => Thenable<unknown>) => async (node?: AuditNode) => {
    const folder = node?.facts.entry.folder ?? auditsView.selectedFolder ?? (await pickAudit(services, question));
    if (folder !== undefined) await task(folder);
  };
  return {
    'finetuneAuditor.audits.show': async (node) => {
      if (node) await showNode(services, node, !auditsView.takesFocus(node));
    },
    'finetuneAuditor.audits.enter': () => auditsView.enter(),
    'finetuneAuditor.audits.resume': about(l10n.t('Which audit should be resumed?'), (folder) => run('finetuneAuditor.resumeAudit', folder)),
    // A row that is drawn anew under the mouse comes without its audit: then the one that runs is meant.
    'finetuneAuditor.audits.stop': async (node) => void (await run('finetuneAuditor.stopAudit', node?.facts.entry.folder)),
    'finetuneAuditor.audits.open': about(l10n.t('Which audit should be opened?'), (folder) => services.panels.show(folder)),
    'finetuneAuditor.audits.rename': about(l10n.t('Which audit should be renamed?'), (folder) => renameAudit(services, folder)),
    'finetuneAuditor.audits.compare': about(l10n.t('Which audit should be compared?'), (folder) => run('finetuneAuditor.compareAudits', folder)),
    'finetuneAuditor.audits.exportReport': about(l10n.t('Which audit should be reported?'), (folder) => run('finetuneAuditor.exportReport', folder)),
    'finetuneAuditor.audits.exportAudit': about(l10n.t('Which audit should be packed for others?'), (folder) => run('finetuneAuditor.exportAudit', folder)),
    'finetuneAuditor.audits.verify': about(l10n.t('Which audit should be verified?'), (folder) => run('finetuneAuditor.verifyAudit', folder)),
    'finetuneAuditor.audits.reveal': about(l10n.t('Which audit should be revealed?'), (folder) => run('finetuneAuditor.revealAuditFolder', folder)),
    'finetuneAuditor.audits.delete': about(l10n.t('Which audit should be deleted?'), (folder) => deleteAudit(services, folder)),
    'finetuneAuditor.audits.refresh': async () => auditsView.refresh(),
  };
}

async function showNode({ panels, editor }: Services, node: AuditNode, preserveFocus: boolean): Promise<void> {
  const { folder } = node.facts.entry;
  if (node.kind !== 'finding') return panels.show(folder, preserveFocus);
  const { finding } = node;
  await editor.documents.show({ folder, id: finding.completionId }, 'span' in finding ? finding.span : undefined, preserveFocus);
}

async function renameAudit({ audits }: Services, folder: string): Promise<void> {
  const lease = await audits.open(folder);
  try {
    const { session } = lease;
    const name = await showInputBox({
      title: l10n.t('Rename audit'),
      prompt: l10n.t('Empty gives it back the name of its plan: {0}', session.name),
      value: session.displayName,
    });
    if (name !== undefined && name.trim() !== session.displayName) await session.findings.setAuditName(name.trim() === session.name ? '' : name);
  } finally {
    lease.release();
  }
}

/** @throws AuditError `journalLocked` where the audit runs, in this window or elsewhere */
async function deleteAudit(services: Services, folder: string): Promise<void> {
  await requireAtRest(services, folder);
  const name = await findName(services, folder);
  const toTrash = l10n.t('Move to Trash');
  const detail = l10n.t('Its journal and all findings go to the trash: {0}', folder);
  if ((await showWarningMessage(l10n.t('Delete the audit {0}?', name), { modal: true, detail }, toTrash)) !== toTrash) return;
  await requireAtRest(services, folder);
  await services.editor.documents.closeAudit(folder);
  services.panels.close(folder);
  const uri = Uri.file(folder);
  try {
    await workspace.fs.delete(uri, { recursive: true, useTrash: true });
  } catch (error) {
    services.log.warn(l10n.t('The audit could not be moved to the trash: {0}', String(error)));
    const forGood = l10n.t('Delete Permanently');
    const question = l10n.t('{0} cannot be moved to the trash here. Delete it permanently?', name);
    if ((await showWarningMessage(question, { modal: true, detail: l10n.t('This cannot be undone.') }, forGood)) !== forGood) return;
    await workspace.fs.delete(uri, { recursive: true, useTrash: false });
  }
  services.editor.auditsView.refresh();
}

async function requireAtRest({ queue }: Services, folder: string): Promise<void> {
  const runsHere = queue.sessions.some((session) => session.folder === folder);
  const writer = runsHere ? l10n.t('this window') : await findJournalWriter(folder);
  if (writer !== null)
    throw new AuditError('journalLocked', l10n.t('The audit in {0} is being written by {1}. Stop it first, then delete it.', folder, writer));
}

/** An audit that cannot be read can be deleted all the same. */
async function findName({ audits }: Services, folder: string): Promise<string> {
  try {
    const lease = await audits.open(folder);
    lease.release();
    return lease.session.displayName;
  } catch {
    return folder;
  }
}

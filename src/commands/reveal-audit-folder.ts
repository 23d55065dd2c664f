/** `finetuneAuditor.revealAuditFolder`: shows where an audit lies. */
import { commands, env, l10n, Uri, workspace } from 'vscode';
import type { CommandSignatures } from './command-ids.js';
import { pickAudit } from './pick-audit.js';
import type { Services } from './services.js';

export function makeRevealAuditFolderCommand(services: Services): CommandSignatures['finetuneAuditor.revealAuditFolder'] {
  return async (folder) => {
    const chosen = folder ?? services.panels.active?.folder ?? (await pickAudit(services, l10n.t('Which audit should be revealed?')));
    if (chosen === undefined) return;
    const uri = Uri.file(chosen);
    // A remote machine's folder cannot be shown by this one's file manager.
    const inExplorer = workspace.getWorkspaceFolder(uri) !== undefined && (env.remoteName !== undefined || env.uiKind !== 1);
    await commands.executeCommand(inExplorer ? 'revealInExplorer' : 'revealFileInOS', uri);
  };
}

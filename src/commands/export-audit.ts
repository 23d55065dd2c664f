/** `finetuneAuditor.exportAudit`: journal and findings as one archive, without what they say of this machine. */
import { basename, join, resolve } from 'node:path';
import { l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import { exportAudit } from '../records/journal/export-audit.js';
import { makeSlug } from '../records/journal/audit-folder.js';
import { requireNoLink } from '../editor/chosen-file.js';
import { setStatusBarMessage, showWarningMessage, withProgress } from '../editor/shown/messages.js';
import type { CommandSignatures } from './command-ids.js';
import { pickAudit } from './pick-audit.js';
import type { Services } from './services.js';

/** The command throws AuditError `fileNotFound` or `badJournal` where there is nothing to hand on, `refused` where a link is in the file's place. */
export function makeExportAuditCommand(services: Services): CommandSignatures['finetuneAuditor.exportAudit'] {
  return async (folder, target) => {
    const chosen = folder ?? services.panels.active?.folder ?? (await pickAudit(services, l10n.t('Which audit should be packed for others?')));
    if (chosen === undefined) return undefined;
    const name = makeSlug(basename(resolve(chosen)));
    const uri = target === undefined ? await askTarget(services, name) : Uri.file(target);
    if (!uri) return undefined;
    const options = { location: ProgressLocation.Notification, title: l10n.t('Packing the audit…'), cancellable: true };
    const exported = await withProgress(options, async (_progress, cancellation) => {
      const abort = new AbortController();
      const listener = cancellation.onCancellationRequested(() => abort.abort());
      try {
        const { archive, leftOut } = await exportAudit(chosen, name, abort.signal);
        if (abort.signal.aborted) return undefined;
        await requireNoLink(uri);
        await workspace.fs.writeFile(uri, archive);
        return { leftOut };
      } finally {
        listener.dispose();
      }
    });
    if (!exported) return undefined;
    if (exported.leftOut > 0) void showWarningMessage(l10n.t('Lines of the journal that could not be read and are left out: {0}', exported.leftOut));
    setStatusBarMessage(l10n.t('The audit is in {0}', uri.fsPath), 10_000);
    return uri;
  };
}

function askTarget({ auditsRoot }: Services, name: string): Thenable<Uri | undefined> {
  return window.showSaveDialog({
    title: l10n.t('Export audit'),
    defaultUri: Uri.file(join(auditsRoot(), `${name}.zip`)),
    filters: { [l10n.t('Zip archive')]: ['zip'] },
  });
}

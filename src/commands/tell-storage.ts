/** A window without a folder keeps its audits in the extension's own storage: that is said, with where and with the way out. */
import { commands, l10n, Uri } from 'vscode';
import { showInformationMessage } from '../editor/shown/messages.js';

/** @param findStorage absolute path, or undefined where a folder is open */
export function makeTellStorage(findStorage: () => string | undefined): () => void {
  let told = false;
  return () => {
    const storage = findStorage();
    if (told || storage === undefined) return;
    told = true;
    const open = l10n.t('Open Folder…');
    const reveal = l10n.t('Reveal');
    void showInformationMessage(l10n.t('No folder is open, so the audit is kept in {0}. Audits of a window with a folder are kept in that.', storage), open, reveal).then((chosen) => {
      if (chosen === open) void commands.executeCommand('workbench.action.files.openFolder');
      if (chosen === reveal) void commands.executeCommand('revealFileInOS', Uri.file(storage));
    });
  };
}

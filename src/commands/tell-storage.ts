/**
 * A window without a folder keeps its audits in the extension's own storage: that is said, with where and with the way out,
 * in the status bar, where it lies over nothing that is read.
 */
import { l10n, StatusBarAlignment, type Disposable } from 'vscode';
import { SafeStatusItem } from '../editor/shown/editor-parts.js';

/** Something was put into the storage of a window without a folder, or would have been. */
export class StorageNotice implements Disposable {
  readonly #item = new SafeStatusItem('finetuneAuditor.storage', l10n.t('Where audits are kept'), StatusBarAlignment.Left);

  /** @param findStorage absolute path, or undefined where a folder is open */
  constructor(private readonly findStorage: () => string | undefined) {}

  tell(): void {
    const storage = this.findStorage();
    if (storage === undefined) return;
    this.#item.show({
      icon: 'folder',
      text: l10n.t('Audits are kept outside a folder'),
      tooltip: l10n.t('No folder is open, so audits are kept in {0}. Audits of a window with a folder are kept in that folder. Click to open one.', storage),
      command: 'workbench.action.files.openFolder',
    });
  }

  dispose(): void {
    this.#item.dispose();
  }
}

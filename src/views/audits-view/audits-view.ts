/** The tree of audits in the activity bar. */
import { commands, l10n, window, type Disposable, type TreeView } from 'vscode';
import type { AuditNode } from './audit-item.js';
import { AuditsTree, type AuditsTreeSurroundings } from './audits-tree.js';

export const AUDITS_VIEW = 'finetuneAuditor.audits';

/** VS Code tells a tree's owner that an item was selected, not how: two selections of one item within this are a double click. */
const DOUBLE_CLICK_MS = 500;
/** From a key to the selection that it makes. */
const KEY_MS = 1000;

export interface AuditsViewSurroundings extends Omit<AuditsTreeSurroundings, 'onDidRead'> {
  /** Where audits lie when no folder is open: absolute path, or undefined where one is. */
  readonly findStorage: () => string | undefined;
}

export class AuditsView implements Disposable {
  readonly #tree: AuditsTree;
  readonly #view: TreeView<AuditNode>;
  readonly #visibility: Disposable;
  #selected: { readonly node: string; readonly time: number } | undefined;
  #keyPressed = -Infinity;

  constructor({ findStorage, ...surroundings }: AuditsViewSurroundings) {
    const storage = findStorage();
    const onDidRead = (count: number) => {
      // What says that there are none waits until that is known.
      void commands.executeCommand('setContext', 'finetuneAuditor.noAudits', count === 0);
      // VS Code hides how to begin, which stands in an empty tree, behind a message; it says there where audits will be kept.
      this.#view.message =
        storage !== undefined && count > 0
          ? l10n.t('No folder is open. Audits of this window are kept in {0}. Those of a window with a folder are kept in that folder.', storage)
          : '';
    };
    this.#tree = new AuditsTree({ ...surroundings, onDidRead });
    this.#view = window.createTreeView(AUDITS_VIEW, { treeDataProvider: this.#tree, showCollapseAll: true });
    this.#visibility = this.#view.onDidChangeVisibility(({ visible }) => this.#tree.setVisible(visible));
    this.#tree.setVisible(this.#view.visible);
  }

  /** The audit that is selected in the tree, or one of its findings. */
  get selectedFolder(): string | undefined {
    return this.#view.visible ? this.#view.selection[0]?.facts.entry.folder : undefined;
  }

  /** Shows the item that has the focus and goes there, as a double click does. */
  async enter(): Promise<void> {
    this.#keyPressed = performance.now();
    await commands.executeCommand('list.select');
  }

  /** Whether what a selected item stands for takes the focus: a single click leaves it in the tree, whose keys then still work. */
  takesFocus(node: AuditNode): boolean {
    const time = performance.now();
    const { id } = this.#tree.getTreeItem(node);
    const isDouble = this.#selected?.node === id && time - this.#selected!.time < DOUBLE_CLICK_MS;
    const isKey = time - this.#keyPressed < KEY_MS;
    this.#keyPressed = -Infinity;
    this.#selected = isDouble || id === undefined ? undefined : { node: id, time };
    return isDouble || isKey;
  }

  refresh(): void {
    this.#tree.refresh();
  }

  dispose(): void {
    this.#visibility.dispose();
    this.#view.dispose();
    this.#tree.dispose();
  }
}

/** The tree of audits in the activity bar. */
import { window, type Disposable, type TreeView } from 'vscode';
import type { AuditNode } from './audit-item.js';
import { AuditsTree, type AuditsTreeSurroundings } from './audits-tree.js';

export const AUDITS_VIEW = 'finetuneAuditor.audits';

export class AuditsView implements Disposable {
  readonly #tree: AuditsTree;
  readonly #view: TreeView<AuditNode>;
  readonly #visibility: Disposable;

  constructor(surroundings: AuditsTreeSurroundings) {
    this.#tree = new AuditsTree(surroundings);
    this.#view = window.createTreeView(AUDITS_VIEW, { treeDataProvider: this.#tree, showCollapseAll: true });
    this.#visibility = this.#view.onDidChangeVisibility(({ visible }) => this.#tree.setVisible(visible));
    this.#tree.setVisible(this.#view.visible);
  }

  /** The audit that is selected in the tree, or one of its findings. */
  get selectedFolder(): string | undefined {
    return this.#view.visible ? this.#view.selection[0]?.facts.entry.folder : undefined;
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

/** Hovers, tooltips, tree items, lenses, items of the status bar, titles of tabs. */
import {
  CodeLens,
  MarkdownString,
  TreeItem,
  window,
  type Command,
  type Disposable,
  type Range,
  type StatusBarAlignment,
  type StatusBarItem,
  type TreeItemCollapsibleState,
  type ViewColumn,
  type WebviewOptions,
  type WebviewPanel,
  type WebviewPanelOptions,
} from 'vscode';
import { harmlessLine, harmlessLines, LONGEST_LABEL, LONGEST_TITLE } from './harmless-text.js';
import type { Markdown } from './markdown.js';

/** Neither commands nor HTML, whatever is in it. */
export function makeMarkdownString({ source }: Markdown): MarkdownString {
  return Object.assign(new MarkdownString(source), { isTrusted: false, supportHtml: false, supportThemeIcons: false });
}

export interface TreeItemFields extends Pick<TreeItem, 'id' | 'resourceUri' | 'iconPath' | 'contextValue' | 'command'> {
  readonly label: string;
  readonly collapsibleState?: TreeItemCollapsibleState;
  readonly description?: string;
  readonly tooltip?: Markdown;
  /** What a screen reader says of it. */
  readonly spoken?: string;
}

export function makeTreeItem({ label, collapsibleState, description, tooltip, spoken, ...rest }: TreeItemFields): TreeItem {
  const item = new TreeItem(harmlessLine(label, LONGEST_LABEL), collapsibleState);
  return Object.assign(item, rest, {
    ...(description !== undefined && { description: harmlessLine(description, LONGEST_LABEL) }),
    ...(tooltip !== undefined && { tooltip: makeMarkdownString(tooltip) }),
    ...(spoken !== undefined && { accessibilityInformation: { label: harmlessLine(spoken, LONGEST_LABEL) } }),
  });
}

export interface LensFields {
  /** A codicon's name. */
  readonly icon?: string;
  readonly title: string;
  /** Left out where there is nothing to do. */
  readonly command?: string;
  readonly arguments?: unknown[];
}

export function makeLens(range: Range, fields: LensFields): CodeLens {
  return new CodeLens(range, { command: fields.command ?? '', arguments: fields.arguments ?? [], title: withIcon(fields.icon, fields.title) });
}

export interface StatusFields {
  readonly icon: string;
  readonly text: string;
  /** May have lines. */
  readonly tooltip: string;
  readonly command: string | Command;
}

/** An item of the status bar, made when it is first shown. */
export class SafeStatusItem implements Disposable {
  #item: StatusBarItem | undefined;

  constructor(
    private readonly id: string,
    private readonly name: string,
    private readonly alignment: StatusBarAlignment,
  ) {}

  show({ icon, text, tooltip, command }: StatusFields): void {
    this.#item ??= window.createStatusBarItem(this.id, this.alignment);
    this.#item.name = this.name;
    this.#item.text = withIcon(icon, text);
    this.#item.tooltip = harmlessLines(tooltip, LONGEST_LABEL);
    this.#item.command = command;
    this.#item.show();
  }

  hide(): void {
    this.#item?.hide();
  }

  dispose(): void {
    this.#item?.dispose();
  }
}

export function createWebviewPanel(
  viewType: string,
  title: string,
  place: ViewColumn | { viewColumn: ViewColumn; preserveFocus?: boolean },
  options: WebviewPanelOptions & WebviewOptions,
): WebviewPanel {
  return window.createWebviewPanel(viewType, harmlessLine(title, LONGEST_TITLE), place, options);
}

/** Says nothing where nothing changes. */
export function setTitle(panel: Pick<WebviewPanel, 'title'>, title: string): void {
  const shown = harmlessLine(title, LONGEST_TITLE);
  if (panel.title !== shown) panel.title = shown;
}

function withIcon(icon: string | undefined, text: string): string {
  return `${icon === undefined ? '' : `$(${icon}) `}${harmlessLine(text, LONGEST_LABEL)}`;
}

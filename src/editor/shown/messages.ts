/** Notifications, dialogs and progress. VS Code makes links of `[x](command:…)` in each of them, in Restricted Mode as well. */
import { window, type CancellationToken, type Disposable, type MessageItem, type MessageOptions, type Progress, type ProgressOptions } from 'vscode';
import { harmlessLine, harmlessLines, LONGEST_LABEL, LONGEST_MESSAGE } from './harmless-text.js';

type Item = string | MessageItem;
interface ShowMessage {
  /** Of the options, `detail` may have lines. */
  <T extends Item>(text: string, options: MessageOptions, ...items: readonly T[]): Thenable<T | undefined>;
  <T extends Item>(text: string, ...items: readonly T[]): Thenable<T | undefined>;
}

function makeShow(method: 'showErrorMessage' | 'showWarningMessage' | 'showInformationMessage'): ShowMessage {
  return <T extends Item>(text: string, ...rest: readonly (T | MessageOptions)[]): Thenable<T | undefined> => {
    const shown = harmlessLine(text, LONGEST_MESSAGE);
    const [first, ...others] = rest as readonly (MessageItem | MessageOptions | string)[];
    const hasOptions = typeof first === 'object' && !('title' in first);
    if (!hasOptions) return window[method](shown, ...(rest as readonly MessageItem[])) as Thenable<T | undefined>;
    const options = { ...first, ...(first.detail !== undefined && { detail: harmlessLines(first.detail, LONGEST_MESSAGE) }) };
    return window[method](shown, options, ...(others as readonly MessageItem[])) as Thenable<T | undefined>;
  };
}

export const showErrorMessage = makeShow('showErrorMessage');
export const showWarningMessage = makeShow('showWarningMessage');
export const showInformationMessage = makeShow('showInformationMessage');

export interface ProgressStep {
  readonly message?: string;
  /** Per cent. */
  readonly increment?: number;
}

export function withProgress<R>(options: ProgressOptions, task: (progress: Progress<ProgressStep>, token: CancellationToken) => Thenable<R>): Thenable<R> {
  const { title } = options;
  return window.withProgress({ ...options, ...(title !== undefined && { title: harmlessLine(title, LONGEST_LABEL) }) }, (progress, token) =>
    task(
      {
        report: ({ message, increment }) =>
          progress.report({ ...(message !== undefined && { message: harmlessLine(message, LONGEST_LABEL) }), ...(increment !== undefined && { increment }) }),
      },
      token,
    ),
  );
}

/** In the status bar, for a while. */
export function setStatusBarMessage(text: string, milliseconds: number): Disposable {
  return window.setStatusBarMessage(harmlessLine(text, LONGEST_LABEL), milliseconds);
}

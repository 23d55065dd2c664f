/** State that the extension keeps from one window to the next. */

/** As much of `vscode.Memento` as is needed. */
export interface Memory {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): Thenable<void>;
}

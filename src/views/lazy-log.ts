/** The extension's output channel, made with its first line. */
import { window, type Disposable, type LogOutputChannel } from 'vscode';

export class LazyLog implements Disposable {
  #channel: LogOutputChannel | undefined;

  info(text: string): void {
    this.#open().info(text);
  }

  warn(text: string): void {
    this.#open().warn(text);
  }

  error(text: string | Error): void {
    this.#open().error(text);
  }

  show(): void {
    this.#open().show();
  }

  dispose(): void {
    this.#channel?.dispose();
  }

  #open(): LogOutputChannel {
    return (this.#channel ??= window.createOutputChannel('Finetune Auditor', { log: true }));
  }
}

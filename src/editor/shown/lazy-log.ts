/** The extension's output channel, made with its first line. */
import { window, type Disposable, type LogOutputChannel } from 'vscode';
import { harmlessLine } from './harmless-text.js';

export class LazyLog implements Disposable {
  #channel: LogOutputChannel | undefined;

  info(text: string): void {
    this.#open().info(asEntry(text));
  }

  warn(text: string): void {
    this.#open().warn(asEntry(text));
  }

  error(text: string | Error): void {
    this.#open().error(asEntry(text instanceof Error ? (text.stack ?? String(text)) : text));
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

const LONGEST_LINE = 4000;
const MOST_LINES = 100;

/** Further lines stand further in, so that none of them looks like an entry of its own. */
function asEntry(text: string): string {
  return text
    .slice(0, LONGEST_LINE * MOST_LINES)
    .split(/\r?\n/, MOST_LINES)
    .map((line) => harmlessLine(line, LONGEST_LINE))
    .join('\n\t');
}

/**
 * All that the command line prints. Names of models and files, servers' words, messages of chat templates are anybody's:
 * no control sequence but those of our own colours reaches the terminal, and nothing that cannot be seen.
 */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { chipText, visibleParts } from '../text/visible-text.js';

const ESCAPE = '\u001b';
/** Marks our own sequences until they are printed; nobody who wrote a text can know it. */
const OWN = `${ESCAPE}${randomUUID()}`;
const CLEAR_LINE = `\r${ESCAPE}[K`;

/** Control sequences that a terminal is to obey. */
export function ownSequence(sequence: string): string {
  return sequence.replaceAll(ESCAPE, OWN);
}

/** As it is printed; newlines stay. */
export function forTerminal(text: string): string {
  const [first, ...others] = text.split(OWN);
  return showAll(first!) + others.map(restoreSequence).join('');
}

function restoreSequence(part: string): string {
  const sequence = /^\[[\d;]*m/.exec(part)?.[0] ?? '';
  return (sequence === '' ? '' : ESCAPE) + sequence + showAll(part.slice(sequence.length));
}

function showAll(text: string): string {
  return visibleParts(text)
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'newline') return '\n';
      return part.kind === 'chip' ? `⟦${chipText(part)}⟧` : ' ';
    })
    .join('');
}

/** Text for people, its newline included. */
export function print(text: string): void {
  process.stdout.write(forTerminal(text));
}

/** The same where it is no result: what goes on, what went wrong. */
export function printAside(text: string): void {
  process.stderr.write(forTerminal(text));
}

/** One line, whatever its text. */
export function printNote(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? CLEAR_LINE : ''}note: ${forTerminal(oneLine(text))}\n`);
}

/** For programs, which get it as it is; only a terminal does not. */
export function printData(text: string | Uint8Array): void {
  process.stdout.write(process.stdout.isTTY && typeof text === 'string' ? forTerminal(text) : text);
}

/** In the place of the line that the cursor is on. */
export function replaceLine(text: string): void {
  process.stderr.write(CLEAR_LINE + forTerminal(oneLine(text)));
}

/** Whether somebody watches what {@link printAside} prints. */
export function isWatched(): boolean {
  return process.stderr.isTTY;
}

/** For a progress bar that draws itself, of our own words alone. */
export function barStream(): NodeJS.WriteStream {
  return process.stderr;
}

/** A reader that has seen enough (`report … | head`) is no failure. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

/** Lines after the first stand further in, so that none of them looks like one of ours. */
export function indentRest(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ⏎ ');
}

/** Asks on a terminal; `null` where there is none. */
export type AskUser = ((question: string) => Promise<boolean>) | null;

/** Asks with a line on the terminal, where there is one to read the answer from; only `y` and `yes` are one. */
export function askOnTerminal(): AskUser {
  const [input, output] = [process.stdin, process.stderr];
  if (!input.isTTY || !output.isTTY) return null;
  return async (question) => {
    const lines = createInterface({ input, output });
    const closed = new Promise<string>((resolve) => lines.on('close', () => resolve('')).on('SIGINT', () => lines.close()));
    try {
      const answer = await Promise.race([lines.question(`${forTerminal(question)} [y/N] `).catch(() => ''), closed]);
      return /^\s*y(es)?\s*$/i.test(answer);
    } finally {
      lines.close();
    }
  };
}

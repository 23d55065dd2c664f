/** The end of the program: exit codes, and the line that says why. */
import { AuditError, isCancelled } from '../audit/errors.js';
import type { Colours } from './colours.js';
import { indentRest } from './terminal.js';

export const EXIT = { done: 0, failed: 1, stopped: 130 } as const;

/** One line with the way out; the error's code (`docs/troubleshooting.md`) and its stack only where they were asked for. */
export function describeFailure(error: unknown, debug: boolean, colours: Colours): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack =
    debug && error instanceof Error ? `\n${error.stack ?? ''}${error.cause ? `\ncaused by ${String((error.cause as Error).stack ?? error.cause)}` : ''}` : '';
  const code = debug && error instanceof AuditError ? ` (${error.code})` : '';
  return `${colours.error('error:')} ${indentRest(message + code + stack)}\n`;
}

export function exitCodeOf(error: unknown): number {
  return isCancelled(error) ? EXIT.stopped : EXIT.failed;
}

/** The first Ctrl-C (or a polite request to end) aborts the signal; a second one ends the program at once. */
export function listenForStop(): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(EXIT.stopped);
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    signal: controller.signal,
    dispose: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}

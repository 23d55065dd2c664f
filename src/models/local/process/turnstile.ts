/** Lets one piece of work through at a time, in the order of asking. */
import { AuditError } from '../../../audit/errors.js';

export class Turnstile {
  private last: Promise<unknown> = Promise.resolve();

  /** Rejects with `cancelled` when the signal aborts before its turn; the work itself watches the signal from then on. */
  async pass<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.last;
    const { promise: done, resolve: finish } = deferred();
    this.last = before.then(() => done);
    try {
      await untilAborted(before, signal);
      return await work();
    } finally {
      finish();
    }
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

async function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_done, fail) => {
    abort = () => fail(new AuditError('cancelled', 'Cancelled.'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Turns work that reports as it goes into a stream of its reports. */

/**
 * Runs `work` and yields what it emits, in order; what it throws is thrown after its last report. Where the consumer
 * stops early, the signal given to `work` aborts and the stream ends when the work has.
 * @param signal aborts the work's own signal with it
 */
export async function* streamEvents<T>(
  work: (emit: (event: T) => void, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const events: T[] = [];
  let wake: () => void = () => undefined;
  let ended = false;
  const done = work((event) => {
    events.push(event);
    wake();
  }, controller.signal).finally(() => {
    ended = true;
    wake();
  });
  // Whether or not somebody is still there to see the failure, it is no unhandled rejection.
  done.catch(() => undefined);
  try {
    for (;;) {
      const event = events.shift();
      if (event !== undefined) yield event;
      else if (ended) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    await done;
  } finally {
    signal.removeEventListener('abort', abort);
    controller.abort();
    await done.catch(() => undefined);
  }
}

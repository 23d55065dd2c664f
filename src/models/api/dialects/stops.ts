/** Signals that end a request without an answer. */

export interface Stops {
  /** At once. */
  readonly signal: AbortSignal;
  /** As soon as it is not in flight: an answer that is on its way may still come. */
  readonly closing?: AbortSignal;
}

/** Does not wait for work that takes no notice of the signal. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

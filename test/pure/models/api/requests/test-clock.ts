/** Time that passes only when a test says so. */
import type { Clock } from '../../../../../src/models/api/transport/backoff.js';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class TestClock implements Clock {
  #now = 0;
  #sleepers: Sleeper[] = [];
  /** Every length of sleep that was asked for, in milliseconds. */
  readonly sleeps: number[] = [];

  now(): number {
    return this.#now;
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason as Error);
      };
      const sleeper: Sleeper = {
        at: this.#now + ms,
        wake: () => {
          signal.removeEventListener('abort', stop);
          resolve();
        },
      };
      if (signal.aborted) return reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** Goes on to the moment of the next sleeper and wakes it. */
  skip(): void {
    const next = this.#sleepers.reduce<Sleeper | undefined>((first, other) => (first === undefined || other.at < first.at ? other : first), undefined);
    if (next === undefined) return;
    this.#sleepers = this.#sleepers.filter((other) => other !== next);
    this.#now = Math.max(this.#now, next.at);
    next.wake();
  }

  /** Lets time pass, whenever somebody sleeps, until the work is done. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = (): void => {
      done = true;
    };
    work.then(end, end);
    while (!done) {
      await settle();
      this.skip();
    }
    return work;
  }
}

/** Lets what is under way in this process and on its sockets get on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

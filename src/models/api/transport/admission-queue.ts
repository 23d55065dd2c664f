/** The queue for a server: so many requests at once, earlier ones first, and none during a pause. */
import type { Clock } from './backoff.js';
import type { ConcurrencyLimit } from './concurrency-limit.js';

export interface Waiting {
  /** Earlier requests are tried again before later ones begin. */
  readonly order: number;
  /** It waits for no pause but one that the server asks for. */
  readonly isFollowUp: boolean;
}

interface QueueEntry extends Waiting {
  readonly admit: () => void;
}

export class AdmissionQueue {
  readonly #clock: Clock;
  readonly #limit: ConcurrencyLimit;
  /** Sorted by order. */
  readonly #queue: QueueEntry[] = [];
  #inFlight = 0;
  #pausedUntil = -Infinity;
  /** As far as the server itself asks for the pause. */
  #askedUntil = -Infinity;
  /** Ends the sleep that lasts until `#pausedUntil`. */
  #wake: AbortController | undefined;

  constructor(clock: Clock, limit: ConcurrencyLimit) {
    this.#clock = clock;
    this.#limit = limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Until when the server asked to wait, in the clock's milliseconds; `-Infinity` where it did not. */
  get askedUntil(): number {
    return this.#askedUntil;
  }

  /**
   * Resolves when a try may begin, which counts as in flight from then on, until {@link leave}.
   * @param onAdmitted called at once, before the promise tells
   * @throws whatever the signal aborts with before that
   */
  enter(waiting: Waiting, signal: AbortSignal, onAdmitted: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const giveUp = (): void => {
        this.#queue.splice(this.#queue.indexOf(entry), 1);
        if (this.#queue.length === 0) this.#endWake();
        reject(signal.reason as Error);
      };
      const entry: QueueEntry = {
        order: waiting.order,
        isFollowUp: waiting.isFollowUp,
        admit: () => {
          signal.removeEventListener('abort', giveUp);
          onAdmitted();
          resolve();
        },
      };
      this.#queue.splice(this.#queue.findLastIndex((other) => other.order < entry.order) + 1, 0, entry);
      signal.addEventListener('abort', giveUp, { once: true });
      this.dispatch();
    });
  }

  /** A try is over. Whoever waits is let in by {@link dispatch}. */
  leave(): void {
    this.#inFlight--;
  }

  /** Lets in as many as may. */
  dispatch(): void {
    while (this.#queue.length > 0 && this.#inFlight < this.#limit.current) {
      const next = this.#queue.findIndex((entry) => this.pauseOf(entry) <= 0);
      if (next < 0) {
        this.#wakeAfter(Math.min(...this.#queue.map((entry) => this.pauseOf(entry))));
        return;
      }
      this.#inFlight++;
      this.#queue.splice(next, 1)[0]!.admit();
    }
  }

  /** @param isAsked whether the server itself asks for it */
  pauseFor(ms: number, isAsked: boolean): void {
    const until = this.#clock.now() + ms;
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    if (isAsked) this.#askedUntil = Math.max(this.#askedUntil, until);
  }

  forgetPauses(): void {
    this.#pausedUntil = -Infinity;
    this.#askedUntil = -Infinity;
  }

  /** Milliseconds that one is still held back; 0 and less where it is not. */
  pauseOf({ isFollowUp }: Pick<Waiting, 'isFollowUp'>): number {
    return (isFollowUp ? this.#askedUntil : this.#pausedUntil) - this.#clock.now();
  }

  #wakeAfter(ms: number): void {
    if (this.#wake !== undefined) return;
    const wake = new AbortController();
    this.#wake = wake;
    this.#clock.sleep(ms, wake.signal).then(
      () => {
        this.#wake = undefined;
        this.dispatch();
      },
      () => undefined,
    );
  }

  #endWake(): void {
    this.#wake?.abort();
    this.#wake = undefined;
  }
}

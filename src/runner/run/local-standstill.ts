/** Detects a model process that computes nothing: one that is stopped or starved says nothing of itself. */
import { formatDuration } from '../../text/numbers.js';

/** As long as this is nothing out of the ordinary, however fast the model has been. */
const SILENCE_MS = 4000;
/** A slow model has long pauses of its own. */
const SILENCE_FACTOR = 3;
const FORGETTING = 0.9;

export class LocalStandstill {
  #last: number;
  /** Milliseconds between two signs of life, at the longest; those of long ago count less. */
  #usualMs = 0;

  /** @param now milliseconds on a clock that never goes back */
  constructor(private readonly now: () => number) {
    this.#last = now();
  }

  /** Something was computed. */
  note(): void {
    const time = this.now();
    this.#usualMs = Math.max(time - this.#last, FORGETTING * this.#usualMs);
    this.#last = time;
  }

  /** In one line; `null` where all is as it should be. */
  describe(): string | null {
    const lastedMs = this.now() - this.#last;
    if (this.#usualMs === 0 || lastedMs <= Math.max(SILENCE_MS, SILENCE_FACTOR * this.#usualMs)) return null;
    return `the model process has computed nothing for ${formatDuration(lastedMs / 1000)}`;
  }
}

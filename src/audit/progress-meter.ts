/** Measures how far and how fast a run is. */
import type { AuditProgress } from './events.js';

/** The rate is that of the last ten seconds: long enough to even out waves, short enough to follow the machine's load. */
const RATE_WINDOW_MS = 10_000;
/** A pause so many times as long as any before is a standstill, as of a server that was away: it says nothing of the rate. */
const STANDSTILL_FACTOR = 4;
const SHORTEST_STANDSTILL_MS = RATE_WINDOW_MS;
/** Longest pauses are forgotten slowly. */
const FORGETTING = 0.95;

export interface MeterOptions {
  readonly completionsTotal: number;
  /** Completions kept from an earlier run. */
  readonly completionsDone: number;
  /** Completions that this run will compute, those of incomplete waves again. */
  readonly completionsToCompute: number;
  /** Both models' tokens per completion, as long as none has been measured. */
  readonly expectedTokens: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

export class ProgressMeter {
  readonly #options: MeterOptions;
  readonly #begin: number;
  /** Oldest first; the first is the last one at or before the window's beginning. */
  #samples: { time: number; tokens: number }[];
  /** Milliseconds between two samples, at the longest. */
  #longestPause = 0;
  #completionsDone: number;
  #computed = 0;
  #tokensOfComputed = 0;
  #tokens = 0;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#begin = options.now();
    this.#samples = [{ time: this.#begin, tokens: 0 }];
    this.#completionsDone = options.completionsDone;
  }

  addTokens(tokens: number): void {
    this.#tokens += tokens;
    const time = this.#options.now();
    const pause = time - this.#samples.at(-1)!.time;
    const isFirst = this.#longestPause === 0;
    if (!isFirst && pause > Math.max(SHORTEST_STANDSTILL_MS, STANDSTILL_FACTOR * this.#longestPause)) {
      this.#samples = [{ time, tokens: this.#tokens }];
      return;
    }
    this.#longestPause = Math.max(pause, FORGETTING * this.#longestPause);
    this.#samples.push({ time, tokens: this.#tokens });
    while (this.#samples.length > 2 && this.#samples[1]!.time <= time - RATE_WINDOW_MS) this.#samples.shift();
  }

  addCompletion(): void {
    this.#completionsDone++;
  }

  /** All of a wave is computed, whether or not its completions are new. */
  finishWave(completions: number): void {
    this.#computed += completions;
    this.#tokensOfComputed = this.#tokens;
  }

  snapshot(): AuditProgress {
    const tokensPerSecond = this.#rate();
    return {
      completionsDone: this.#completionsDone,
      completionsTotal: this.#options.completionsTotal,
      tokens: this.#tokens,
      elapsedMs: this.#options.now() - this.#begin,
      tokensPerSecond,
      secondsLeft: this.#secondsLeft(tokensPerSecond),
    };
  }

  #rate(): number | null {
    const oldest = this.#samples[0]!;
    const newest = this.#samples.at(-1)!;
    const milliseconds = newest.time - oldest.time;
    return milliseconds > 0 && newest.tokens > oldest.tokens ? ((newest.tokens - oldest.tokens) * 1000) / milliseconds : null;
  }

  /** Tokens still to come, at the mean of the completions computed so far, over the rate. */
  #secondsLeft(tokensPerSecond: number | null): number | null {
    const { completionsToCompute, expectedTokens } = this.#options;
    if (this.#computed >= completionsToCompute) return 0;
    if (tokensPerSecond === null) return null;
    const perCompletion = this.#computed > 0 ? this.#tokensOfComputed / this.#computed : expectedTokens;
    const ahead = (completionsToCompute - this.#computed) * perCompletion - (this.#tokens - this.#tokensOfComputed);
    return Math.max(0, ahead) / tokensPerSecond;
  }
}

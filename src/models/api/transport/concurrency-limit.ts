/**
 * How many requests a server is given at once. The rule is TCP's, as Netflix's concurrency-limits applies it to requests:
 * additive increase, multiplicative decrease (AIMD), with a brake on rising latency in the spirit of its gradient limits.
 *
 * - It begins at 4 and grows only by answers that came while the limit was used up: by one for each answer until the first
 *   sign of congestion ("slow start"), later by one for as many answers as the limit is high.
 * - A sign of congestion (429, 503, a timeout) halves it, once for all requests that were begun before that halving.
 * - It stays where it is while the smoothed latency is above three times the best one: a server that answers one request after
 *   the other, or whose batch is full, gains nothing by more. Latencies are compared within one kind of request only, and the
 *   best is forgotten slowly, since a run may begin with unusually short answers.
 */

const START = 4;
/** A moving average over about this many answers; before as many, latency says nothing. */
const SMOOTHING = 8;
const FORGETTING = 128;
const LATENCY_TOLERANCE = 3;

interface Latency {
  answers: number;
  recentMs: number;
  bestMs: number;
}

export class ConcurrencyLimit {
  readonly #max: number;
  readonly #latencies = new Map<string, Latency>();
  #current: number;
  #slowStart = true;
  #answersSinceGrowth = 0;
  #halvings = 0;

  constructor(max: number) {
    this.#max = Math.max(1, Math.floor(max));
    this.#current = Math.min(START, this.#max);
  }

  get current(): number {
    return this.#current;
  }

  /** How often it was halved: a request keeps this from its begin, for {@link noteCongestion}. */
  get halvings(): number {
    return this.#halvings;
  }

  /** @param usedUp as many requests were in flight as allowed, this one counted */
  noteAnswer(kind: string, latencyMs: number, usedUp: boolean): void {
    const slow = this.#isSlow(kind, latencyMs);
    if (!usedUp || slow || this.#current >= this.#max) return;
    this.#answersSinceGrowth++;
    if (!this.#slowStart && this.#answersSinceGrowth < this.#current) return;
    this.#answersSinceGrowth = 0;
    this.#current++;
  }

  noteCongestion(halvingsAtBegin: number): void {
    if (halvingsAtBegin !== this.#halvings) return;
    this.#halvings++;
    this.#slowStart = false;
    this.#answersSinceGrowth = 0;
    this.#current = Math.max(1, Math.floor(this.#current / 2));
  }

  #isSlow(kind: string, latencyMs: number): boolean {
    const latency = this.#latencies.get(kind) ?? { answers: 0, recentMs: latencyMs, bestMs: Infinity };
    this.#latencies.set(kind, latency);
    latency.answers++;
    latency.recentMs += (latencyMs - latency.recentMs) / SMOOTHING;
    if (latency.answers < SMOOTHING) return false;
    if (latency.recentMs < latency.bestMs) latency.bestMs = latency.recentMs;
    else latency.bestMs += (latency.recentMs - latency.bestMs) / FORGETTING;
    return latency.recentMs > LATENCY_TOLERANCE * latency.bestMs;
  }
}

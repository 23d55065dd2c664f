/** The account of a server: requests, tokens and time spent waiting. */
import { formatCount, formatDuration } from '../../../text/numbers.js';
import { systemClock, type Clock } from './backoff.js';

export interface RequestAccount {
  /** Requests, each counted once however often it was tried. */
  readonly asked: number;
  readonly answered: number;
  /** How often a request was tried again; `asked + retried` were sent at most. */
  readonly retried: number;
  /** Requests that ended without a usable answer, the cancelled ones left out. */
  readonly givenUp: number;
  /** As the server's `usage` says, or counted where it says nothing; of work that was cut off as many as were asked for. */
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Milliseconds during which at least one request waited for its next try (backoff or Retry-After). */
  readonly waitedMs: number;
}

/** Gathers the account of one model. */
export class AccountBook {
  readonly #clock: Clock;
  #asked = 0;
  #answered = 0;
  #retried = 0;
  #givenUp = 0;
  #promptTokens = 0;
  #completionTokens = 0;
  #waitedMs = 0;
  #waiting = 0;
  #waitingSince = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  countAsked(): void {
    this.#asked++;
  }

  countAnswered(): void {
    this.#answered++;
  }

  countRetried(): void {
    this.#retried++;
  }

  countGivenUp(): void {
    this.#givenUp++;
  }

  addTokens(promptTokens: number, completionTokens: number): void {
    this.#promptTokens += promptTokens;
    this.#completionTokens += completionTokens;
  }

  /** A request begins to wait for its next try. The returned function ends that wait, once. */
  beginWait(): () => void {
    if (this.#waiting++ === 0) this.#waitingSince = this.#clock.now();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      if (--this.#waiting === 0) this.#waitedMs += this.#clock.now() - this.#waitingSince;
    };
  }

  snapshot(): RequestAccount {
    const waitingNow = this.#waiting > 0 ? this.#clock.now() - this.#waitingSince : 0;
    return {
      asked: this.#asked,
      answered: this.#answered,
      retried: this.#retried,
      givenUp: this.#givenUp,
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
      waitedMs: Math.round(this.#waitedMs + waitingNow),
    };
  }
}

/** One line for people, e.g. `1,204 requests (12 tried again, 1 given up), 45,210 tokens read, 98,771 written, waited 42 s`. */
export function formatAccount(account: RequestAccount): string {
  const troubles = [
    ...(account.retried > 0 ? [`${formatCount(account.retried)} tried again`] : []),
    ...(account.givenUp > 0 ? [`${formatCount(account.givenUp)} given up`] : []),
  ];
  return [
    `${formatCount(account.asked)} ${account.asked === 1 ? 'request' : 'requests'}${troubles.length > 0 ? ` (${troubles.join(', ')})` : ''}`,
    `${formatCount(account.promptTokens)} tokens read`,
    `${formatCount(account.completionTokens)} written`,
    ...(account.waitedMs >= 1000 ? [`waited ${formatDuration(account.waitedMs / 1000)}`] : []),
  ].join(', ');
}

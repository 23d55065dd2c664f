/** All requests to one server, whichever model they ask: how many at once, when again, and when no more. */
import { setMaxListeners } from 'node:events';
import { AuditError, isCancelled, throwIfCancelled } from '../../../audit/errors.js';
import { formatDuration } from '../../../text/numbers.js';
import type { AccountBook } from './account.js';
import { AdmissionQueue, type Waiting } from './admission-queue.js';
import { backoffMs, systemClock, type Clock } from './backoff.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { EndpointError } from './endpoint-error.js';
import { untilAborted, type Stops } from '../dialects/stops.js';

const MAX_CONCURRENCY = 32;
const PATIENCE_MS = 15 * 60_000;
/** Failures of one request, counted only while others succeed, after which it is given up. */
const FAILURES_AT_MOST = 8;
const BAD_ANSWERS_AT_MOST = 3;
/** Refusals of one request for want of room, counted in the same way. */
const REFUSALS_AT_MOST = 64;
/** Without an answer for so long, and for so many times as long as answers took of late, a server is said to be silent. */
const SILENCE_MS = 4000;
const SILENCE_FACTOR = 3;
const SILENCE_FORGETTING = 0.9;
/** As many different requests that failed in a row are the server's fault, not their own. */
const OUTAGE_REQUESTS = 4;

export interface RequestPoolOptions {
  /** For messages: host and port of the server. */
  readonly host: string;
  /** 32 unless said otherwise. */
  readonly maxConcurrency?: number;
  /** Without one success for so long, everything that waits is given up; 15 minutes unless said otherwise. */
  readonly patienceMs?: number;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  /** Called when the server stops answering, and with `null` when it answers again. */
  readonly onOutage?: (outage: Standstill | null) => void;
}

export interface RunOptions extends Stops {
  /** Where the request and its tries are counted. */
  readonly account?: AccountBook;
  /** Requests of one kind take about the same time (`generate`, `score`): their latencies are compared with each other only. */
  readonly kind?: string;
  /** Completes an answer that is paid for already: it waits for no pause but one that the server asks for. */
  readonly isFollowUp?: boolean;
  /** Gives up after so many tries even if nothing else succeeds either: for a question whose answer somebody waits for. */
  readonly maxAttempts?: number;
}

/** Why nothing comes from a server at the moment. */
export interface Standstill {
  /** Host and port. */
  readonly host: string;
  /** What the last try failed with, safe to show; `null` where the server has taken requests and says nothing. */
  readonly reason: string | null;
  /** Milliseconds since anything succeeded. */
  readonly lastedMs: number;
  /** Milliseconds until it is asked again; 0 where it is being asked. */
  readonly retryInMs: number;
}

/** One request on its way through its tries. */
interface Task extends Waiting {
  /** Aborts with the error that the request ends with. */
  readonly stop: AbortController;
  /** Not in flight: in the queue, or waiting for its next try. */
  waiting: boolean;
  /** When it is tried again, while it waits for that. */
  retryAt: number | null;
  attempts: number;
  badAnswers: number;
  /** Failures while others succeeded, and refusals among them. */
  failures: number;
  refusals: number;
  successesBefore: number;
}

/**
 * Tries each request until it is answered or given up:
 *
 * - Transient failures (`EndpointError.isTransient`) are tried again with exponential backoff and full jitter. A Retry-After
 *   holds back the whole pool until then; so does a refusal without one (429, 503), for a pause that doubles with every window
 *   of requests that is refused again. A request is given up at its eighth failure while others succeed: something has
 *   succeeded since it was first tried, and fewer than 4 different requests have failed since the last success. Failures in an
 *   outage of the server do not count, and refusals are counted apart, since they are rarely the request's own fault.
 * - A `badAnswer` is tried three times in all; every other failure ends its request at once.
 * - When nothing has succeeded for `patienceMs` of trying, or a Retry-After reaches beyond that, everything that waits ends with
 *   `endpointFailed`.
 */
export class RequestPool {
  readonly #host: string;
  readonly #patienceMs: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #limit: ConcurrencyLimit;
  readonly #queue: AdmissionQueue;
  readonly #tasks = new Set<Task>();
  /** Orders of the requests that failed since the last success. */
  readonly #failing = new Set<number>();
  #nextOrder = 0;
  #successes = 0;
  /** The last success, or the moment since which requests have been waiting for the first one. */
  #tryingSince = 0;
  /** Windows of requests that were refused for want of room since the last success. */
  #refusedWindows = 0;
  readonly #onOutage: RequestPoolOptions['onOutage'];
  /** The last failure, while the server does not answer. */
  #outage: EndpointError | null = null;
  /** How long an answer takes, about the longest of the last ones. */
  #usualMs = 0;

  constructor(options: RequestPoolOptions) {
    this.#host = options.host;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#limit = new ConcurrencyLimit(options.maxConcurrency ?? MAX_CONCURRENCY);
    this.#queue = new AdmissionQueue(this.#clock, this.#limit);
    this.#onOutage = options.onOutage;
  }

  /** How many requests may be in flight now. */
  get concurrency(): number {
    return this.#limit.current;
  }

  get inFlight(): number {
    return this.#queue.inFlight;
  }

  /** Whether requests wait in vain, now. */
  get standstill(): Standstill | null {
    if (this.#tasks.size === 0) return null;
    const now = this.#clock.now();
    const lastedMs = now - this.#tryingSince;
    if (this.#outage !== null) {
      const next = [...this.#tasks].reduce((first, { retryAt }) => Math.min(first, retryAt ?? now), Infinity);
      const held = Math.max(next, this.#queue.askedUntil);
      return { host: this.#host, reason: this.#outage.message, lastedMs, retryInMs: this.#queue.inFlight > 0 ? 0 : Math.max(0, held - now) };
    }
    const isSilent = this.#queue.inFlight > 0 && lastedMs > Math.max(SILENCE_MS, SILENCE_FACTOR * this.#usualMs);
    return isSilent ? { host: this.#host, reason: null, lastedMs, retryInMs: 0 } : null;
  }

  /**
   * Makes one request. `attempt` is called once per try, with a signal that aborts when nobody waits any longer; what it throws
   * other than an `EndpointError` ends the request at once.
   *
   * @throws EndpointError the last one, when the request is given up
   * @throws AuditError `cancelled`, also where it is closed; `endpointFailed`
   */
  async run<T>(attempt: (signal: AbortSignal) => Promise<T>, options: RunOptions): Promise<T> {
    const { signal, closing, account } = options;
    throwIfCancelled(signal);
    throwIfCancelled(closing);
    const task: Task = {
      order: this.#nextOrder++,
      stop: new AbortController(),
      isFollowUp: options.isFollowUp ?? false,
      waiting: true,
      retryAt: null,
      attempts: 0,
      badAnswers: 0,
      failures: 0,
      refusals: 0,
      successesBefore: this.#successes,
    };
    const cancel = (): void => task.stop.abort(new AuditError('cancelled', 'Cancelled.', { cause: signal.reason }));
    const close = (): void => {
      if (task.waiting) cancel();
    };
    // Node takes more than ten listeners for a leak and says so; each request has its own and takes it off.
    setMaxListeners(0, signal, ...(closing ? [closing] : []));
    signal.addEventListener('abort', cancel, { once: true });
    closing?.addEventListener('abort', close, { once: true });
    if (this.#tasks.size === 0) this.#tryingSince = this.#clock.now();
    this.#tasks.add(task);
    account?.countAsked();
    try {
      const value = await this.#tryUntilDone(attempt, task, options);
      account?.countAnswered();
      return value;
    } catch (error) {
      if (!isCancelled(error)) account?.countGivenUp();
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      closing?.removeEventListener('abort', close);
      this.#tasks.delete(task);
    }
  }

  async #tryUntilDone<T>(attempt: (signal: AbortSignal) => Promise<T>, task: Task, options: RunOptions): Promise<T> {
    const { account, closing, kind = '', maxAttempts = Infinity } = options;
    for (;;) {
      await this.#queue.enter(task, task.stop.signal, () => (task.waiting = false));
      if (task.attempts++ === 0) task.successesBefore = this.#successes;
      else account?.countRetried();
      const begunAt = this.#clock.now();
      const halvings = this.#limit.halvings;
      let failure: EndpointError;
      try {
        task.stop.signal.throwIfAborted();
        throwIfCancelled(closing);
        const value = await untilAborted(attempt(task.stop.signal), task.stop.signal);
        this.#noteSuccess(task, kind, this.#clock.now() - begunAt);
        this.#queue.leave();
        this.#queue.dispatch();
        return value;
      } catch (error) {
        this.#queue.leave();
        // Not before whoever made the request has heard of its end, which may be that of all others too.
        setImmediate(() => this.#queue.dispatch());
        if (!(error instanceof EndpointError)) throw error;
        failure = error;
        this.#noteFailure(task, failure, halvings);
      }
      this.#throwIfFinal(task, failure, maxAttempts);
      if (closing?.aborted) throw failure;
      const untilMs = Math.max(backoffMs(task.attempts, this.#random), this.#queue.pauseOf(task));
      const endWait = account?.beginWait();
      task.waiting = true;
      task.retryAt = this.#clock.now() + untilMs;
      this.#noteOutage(failure);
      try {
        await this.#clock.sleep(untilMs, task.stop.signal);
      } catch (error) {
        task.stop.signal.throwIfAborted();
        throw error;
      } finally {
        task.retryAt = null;
        endWait?.();
      }
    }
  }

  #noteSuccess({ isFollowUp }: Task, kind: string, latencyMs: number): void {
    this.#successes++;
    this.#failing.clear();
    // It takes little room, and says nothing of how much there is.
    if (!isFollowUp) this.#refusedWindows = 0;
    this.#usualMs = Math.max(latencyMs, SILENCE_FORGETTING * this.#usualMs);
    if (this.#outage !== null) {
      this.#outage = null;
      this.#onOutage?.(null);
    }
    this.#tryingSince = this.#clock.now();
    this.#limit.noteAnswer(kind, latencyMs, this.#queue.inFlight >= this.#limit.current);
  }

  #noteFailure(task: Task, failure: EndpointError, halvings: number): void {
    const isFirst = halvings === this.#limit.halvings;
    if (isRefusal(failure) || failure.kind === 'timeout') this.#limit.noteCongestion(halvings);
    if (!failure.isTransient) return;
    this.#failing.add(task.order);
    // What is refused for good, as to an account with nothing left, is no reason to keep others waiting.
    if (failure.retryAfterMs !== undefined) this.#queue.pauseFor(failure.retryAfterMs, true);
    else if (isRefusal(failure) && isFirst) this.#queue.pauseFor(this.#drawPause(), false);
  }

  /** Where nothing else is in flight, or many have failed, it is the server that does not answer. */
  #noteOutage(failure: EndpointError): void {
    if (!failure.isTransient || (this.#queue.inFlight > 0 && this.#failing.size < OUTAGE_REQUESTS)) return;
    const isNew = this.#outage === null;
    this.#outage = failure;
    if (isNew) this.#onOutage?.(this.standstill);
  }

  /** Half of it is certain: all wait for the same end, so that there is nobody to be kept apart from others. */
  #drawPause(): number {
    return backoffMs(++this.#refusedWindows, () => (1 + this.#random()) / 2);
  }

  #throwIfFinal(task: Task, failure: EndpointError, maxAttempts: number): void {
    if (failure.isTransient) this.#throwWithoutPatience(failure);
    if (task.attempts >= maxAttempts) throw failure;
    if (failure.kind === 'badAnswer') {
      if (++task.badAnswers >= BAD_ANSWERS_AT_MOST) throw failure;
      return;
    }
    if (!failure.isTransient) throw failure;
    const othersSucceed = this.#successes > task.successesBefore && this.#failing.size < OUTAGE_REQUESTS;
    if (!othersSucceed) return;
    const isGivenUp = isRefusal(failure) ? ++task.refusals >= REFUSALS_AT_MOST : ++task.failures >= FAILURES_AT_MOST;
    if (isGivenUp) throw failure;
  }

  #throwWithoutPatience(failure: EndpointError): void {
    const now = this.#clock.now();
    if (Math.max(now, this.#queue.askedUntil) - this.#tryingSince < this.#patienceMs) return;
    const error = this.#lostPatience(now, failure);
    // A later request finds out anew: nobody is left who would notice that the pause is too long.
    this.#queue.forgetPauses();
    for (const other of this.#tasks) if (other.waiting) other.stop.abort(error);
    throw error;
  }

  #lostPatience(now: number, failure: EndpointError): AuditError {
    const trouble =
      now - this.#tryingSince >= this.#patienceMs
        ? `No request to ${this.#host} has succeeded for ${formatDuration((now - this.#tryingSince) / 1000)}`
        : `${this.#host} asks to wait for ${formatDuration((this.#queue.askedUntil - now) / 1000)}`;
    return new AuditError(
      'endpointFailed',
      `${trouble}. The last failure: ${failure.message.replace(/\.$/, '')}. What was measured is kept; resume the audit when the server answers again.`,
      { cause: failure },
    );
  }
}

/** The server has no room for it now: it says little of the request itself. */
function isRefusal({ kind }: EndpointError): boolean {
  return kind === 'rateLimited' || kind === 'overloaded';
}

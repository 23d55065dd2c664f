/** Backoff: exponential with full jitter, after what the server says about it, and the clock that measures it. */
import { setTimeout as sleepFor } from 'node:timers/promises';

const BASE_MS = 500;
const CAP_MS = 60_000;
/** The longest wait that a timer of Node can hold. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A server that asks for more is not waited for anyway. */
const LONGEST_RETRY_AFTER_MS = 30 * 24 * 3_600_000;

export interface Clock {
  /** Milliseconds since some moment, never going back. */
  now(): number;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleepFor(Math.min(Math.max(0, ms), LONGEST_TIMER_MS), undefined, { signal }),
};

/**
 * Milliseconds to wait after the `failures`-th failure (from 1): uniform between 0 and min(60 s, 500 ms · 2^(failures − 1)).
 * Drawing from the whole interval spreads requests that failed together furthest ("full jitter", Marc Brooker,
 * "Exponential Backoff and Jitter", AWS Architecture Blog).
 *
 * @param random uniform in [0, 1)
 */
export function backoffMs(failures: number, random: () => number): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1));
}

/**
 * Milliseconds that a response asks to wait: `retry-after-ms`, else `Retry-After` in seconds or as a date. A date is
 * compared with the response's own `Date`, so that a wrong clock on either side does no harm. At most 30 days.
 */
export function readRetryAfter(headers: Headers, wallClock: () => number = Date.now): number | undefined {
  const asked = readAsked(headers, wallClock);
  return asked === undefined ? undefined : Math.min(asked, LONGEST_RETRY_AFTER_MS);
}

function readAsked(headers: Headers, wallClock: () => number): number | undefined {
  const milliseconds = readNumber(headers.get('retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds;
  const header = headers.get('retry-after');
  const seconds = readNumber(header);
  if (seconds !== undefined) return seconds * 1000;
  const until = Date.parse(header ?? '');
  if (Number.isNaN(until)) return undefined;
  const sentAt = Date.parse(headers.get('date') ?? '');
  return Math.max(0, until - (Number.isNaN(sentAt) ? wallClock() : sentAt));
}

function readNumber(header: string | null): number | undefined {
  return header !== null && /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) : undefined;
}

import { describe, expect, it } from 'vitest';
import { ConcurrencyLimit } from '../../../../../src/models/api/transport/concurrency-limit.js';

function answer(limit: ConcurrencyLimit, count: number, latencyMs: number, kind = 'generate'): void {
  for (let done = 0; done < count; done++) limit.noteAnswer(kind, latencyMs, true);
}

describe('the limit of requests in flight', () => {
  it('grows by one for each answer at first, by one for a window of answers after a sign of congestion', () => {
    const limit = new ConcurrencyLimit(32);
    answer(limit, 6, 100);
    expect(limit.current).toBe(10);
    limit.noteCongestion(limit.halvings);
    expect(limit.current).toBe(5);
    answer(limit, 4, 100);
    expect(limit.current).toBe(5);
    answer(limit, 1, 100);
    expect(limit.current).toBe(6);
    answer(limit, 1000, 100);
    expect(limit.current).toBe(32);
  });

  it('is halved once by all requests that were begun before', () => {
    const limit = new ConcurrencyLimit(32);
    answer(limit, 28, 100);
    const before = limit.halvings;
    for (let failure = 0; failure < 5; failure++) limit.noteCongestion(before);
    expect(limit.current).toBe(16);
    limit.noteCongestion(limit.halvings);
    expect(limit.current).toBe(8);
  });

  it('stays where it is while latency is a multiple of the best, of the same kind of request', () => {
    const limit = new ConcurrencyLimit(32);
    answer(limit, 10, 100);
    const reached = limit.current;
    // The moving average needs some answers to see it.
    answer(limit, 4, 1000);
    const held = limit.current;
    answer(limit, 10, 1000);
    expect(limit.current).toBe(held);
    expect(held).toBeGreaterThan(reached - 1);
    answer(limit, 1, 1000, 'score');
    expect(limit.current).toBe(held + 1);
    answer(limit, 40, 120);
    expect(limit.current).toBe(32);
  });

  it('does not fall below one or pass its maximum', () => {
    const limit = new ConcurrencyLimit(2);
    expect(limit.current).toBe(2);
    for (let time = 0; time < 5; time++) limit.noteCongestion(limit.halvings);
    expect(limit.current).toBe(1);
    expect(new ConcurrencyLimit(0).current).toBe(1);
  });
});

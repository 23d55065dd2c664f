import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PacedTask } from '../../../src/views/paced-task.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A task that takes `takesMs`, and what it did: when each run began, and how many ran at once at most. */
function watch(takesMs: number) {
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const paced = new PacedTask(async () => {
    begun.push(performance.now() - start);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    running--;
  }, 500);
  const start = performance.now();
  return { paced, begun, most: () => most };
}

test('many reasons make one run', async () => {
  const { paced, begun } = watch(1);
  for (let count = 0; count < 20; count++) paced.request();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(begun).toEqual([500]);
});

test('reasons that come during a run make one more after it, never two at once', async () => {
  const { paced, begun, most } = watch(2000);
  paced.request();
  await vi.advanceTimersByTimeAsync(600);
  for (let count = 0; count < 3; count++) paced.request();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(begun).toHaveLength(2);
  expect(most()).toBe(1);
});

test('a task that takes long is run at most a sixth of the time', async () => {
  const { paced, begun } = watch(1000);
  const changes = setInterval(() => paced.request(), 100);
  await vi.advanceTimersByTimeAsync(60_000);
  clearInterval(changes);
  expect(begun.length).toBeGreaterThan(5);
  for (const [index, time] of begun.entries()) if (index > 0) expect(time - begun[index - 1]!).toBeGreaterThanOrEqual(6000);
});

test('a task that fails is run again at the next reason', async () => {
  let runs = 0;
  const paced = new PacedTask(async () => {
    runs++;
    throw new Error('half a file');
  }, 500);
  for (let count = 0; count < 2; count++) {
    paced.request();
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(runs).toBe(2);
});

test('once disposed, a run hears of it and none follows', async () => {
  let heard = false;
  let runs = 0;
  const paced = new PacedTask(async (signal) => {
    runs++;
    signal.addEventListener('abort', () => (heard = true));
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }, 500);
  paced.request();
  await vi.advanceTimersByTimeAsync(600);
  paced.request();
  paced.dispose();
  paced.request();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([heard, runs]).toEqual([true, 1]);
});

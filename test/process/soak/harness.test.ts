/** The fuzz harness finds what it is there to find. */
import { expect, it } from 'vitest';
import type { Outcome } from '../../soak/fuzz/worker.js';
import { runSoak } from '../../soak/run.mjs';

it('fails for a raw error, a slow reader, a hang, memory that grows or is needed at once, and a process that ends; and for nothing else', async () => {
  const outcomes: Record<string, Outcome> = {};
  const counts = await runSoak({
    readersFile: 'test/soak/fuzz/faulty-readers.ts',
    seconds: 4,
    seed: 1,
    inputMilliseconds: 300,
    bytes: 128 << 20,
    tell: (name, _seed, outcome) => void (outcomes[name] = outcome),
  });
  const reasons = Object.fromEntries(Object.entries(outcomes).map(([name, outcome]) => [name, outcome.kind === 'passed' ? 'passed' : outcome.reason]));
  expect(reasons).toEqual({
    good: 'passed',
    raw: expect.stringMatching(/^TypeError: Cannot read/),
    // On a machine with much else to do it is the watcher that loses patience.
    slow: expect.stringMatching(/it took \d+ ms of the processor's time|it hangs/),
    hangs: expect.stringMatching(/it hangs: an input was not read after 3 s/),
    waits: expect.stringMatching(/it hangs: an input was not read after 3 s/),
    grows: expect.stringMatching(/memory grew by \d+ MiB|it needed \d+ MiB/),
    needs: expect.stringMatching(/it needed \d+ MiB/),
    ends: expect.stringMatching(/its process ended \(3\)/),
  });
  expect(counts).toMatchObject({ passed: 1, failed: 7 });
  expect(outcomes['good']!.tried).toBeGreaterThan(100);
}, 120_000);

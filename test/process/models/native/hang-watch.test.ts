import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build } from 'esbuild';
import { HangWatch } from '../../../../src/models/local/process/native/hang-watch.js';

const MINUTE = 60_000;

describe('the watch over native calls', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells once of a call that does not come back, later the slower calls have been', async () => {
    const hangs: number[] = [];
    const watch = new HangWatch((milliseconds) => hangs.push(milliseconds));
    const slow = watch.watch(() => new Promise<void>((done) => setTimeout(done, 2 * MINUTE)));
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    await slow;
    expect(watch.limitMs).toBeCloseTo(40 * MINUTE, -3);
    void watch.watch(() => new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(39 * MINUTE);
    expect(hangs).toEqual([]);
    await vi.advanceTimersByTimeAsync(500 * MINUTE);
    expect(hangs).toHaveLength(1);
  });

  it('says nothing of calls that come back or fail, and gives fast ones ten minutes', async () => {
    const hangs: number[] = [];
    const watch = new HangWatch((milliseconds) => hangs.push(milliseconds));
    expect(await watch.watch(() => Promise.resolve(7))).toBe(7);
    await expect(watch.watch(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(watch.limitMs).toBe(10 * MINUTE);
    await vi.advanceTimersByTimeAsync(1000 * MINUTE);
    expect(hangs).toEqual([]);
  });
});

describe('a process that hangs', () => {
  it('says so and ends, whatever its other threads do', async () => {
    const { outputFiles } = await build({
      entryPoints: ['src/models/local/process/native/hang-watch.ts'],
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'node',
    });
    const code = `${outputFiles[0]!.text};
      const { Worker } = require('node:worker_threads');
      new Worker('for (;;);', { eval: true });
      module.exports.endHungProcess(600_000);`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect([exitCode, signal]).not.toEqual([0, null]);
    expect(said).toContain('did not come back from a computation for 10 minutes');
  });
});

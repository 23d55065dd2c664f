import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { capThreads, countCores, countPhysicalCores } from '../../../src/models/local/process/physical-cores.js';
import { countFreeThreads, countUsefulThreads, ThreadGovernor } from '../../../src/models/local/process/thread-governor.js';
import { Turnstile } from '../../../src/models/local/process/turnstile.js';

describe('threads', () => {
  it('counts a core with two logical processors once, and equal core numbers of two sockets twice', () => {
    const processor = (socket: number, core: number): string => `processor : 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\nflags : x`;
    expect(countCores([processor(0, 0), processor(0, 0), processor(0, 1), processor(1, 0)].join('\n\n'))).toBe(3);
    expect(countCores('Processor : ARMv8')).toBe(0);
    expect(countPhysicalCores()).toBeGreaterThanOrEqual(1);
  });

  it('are never more than there are cores, whatever a user asks for', () => {
    const cores = availableParallelism();
    expect([0, 1, cores, cores + 1, 1000].map(capThreads)).toEqual([0, 1, cores, cores, cores]);
    const governor = new ThreadGovernor(() => undefined);
    expect(governor.setUserThreads(1000)).toBe(cores);
    expect(governor.countFor(1e12)).toBe(cores);
    expect(governor.setUserThreads(1)).toBe(1);
    expect(governor.countFor(1e12)).toBe(1);
  });

  it('leaves to others the cores that they use', () => {
    expect(countFreeThreads(2, 2, 0)).toBe(2);
    expect(countFreeThreads(2, 2, 0.3)).toBe(2);
    expect(countFreeThreads(2, 2, 0.8)).toBe(1);
    expect(countFreeThreads(2, 2, 7)).toBe(1);
    expect(countFreeThreads(8, 64, 40)).toBe(8);
  });

  it('are as few as a small model keeps busy', () => {
    expect(countUsefulThreads(8, 2e6)).toBe(1);
    expect(countUsefulThreads(8, 40e6)).toBe(3);
    expect(countUsefulThreads(8, 8e9)).toBe(8);
    expect(countUsefulThreads(8, 0)).toBe(1);
  });
});

describe('Turnstile', () => {
  it('lets work through one at a time and in order, past what failed or gave up waiting', async () => {
    const turnstile = new Turnstile();
    const never = new AbortController().signal;
    const order: string[] = [];
    let finishFirst = (): void => undefined;
    const first = turnstile.pass(never, () => new Promise<void>((resolve) => (finishFirst = resolve)).then(() => void order.push('first')));
    const failing = turnstile.pass(never, () => Promise.reject(new Error('no')));
    const impatient = new AbortController();
    const leaving = turnstile.pass(impatient.signal, async () => void order.push('left'));
    const last = turnstile.pass(never, async () => void order.push('last'));
    impatient.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    expect(order).toEqual([]);
    finishFirst();
    await expect(failing).rejects.toThrow('no');
    await Promise.all([first, last]);
    expect(order).toEqual(['first', 'last']);
  });
});

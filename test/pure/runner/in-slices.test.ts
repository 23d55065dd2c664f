import { describe, expect, it } from 'vitest';
import { computeInSlices } from '../../../src/runner/in-slices.js';
import type { Steps } from '../../../src/text/slices.js';
import { catchError } from '../audit/models.js';

describe('a long computation', () => {
  it('gives its result, also one that is null, and lets others have their turn before', async () => {
    /** Computes until something else has had its turn. */
    function* work<T>(result: T): Steps<T> {
      let turns = 0;
      setImmediate(() => turns++);
      while (turns === 0) yield;
      return result;
    }
    expect(await computeInSlices(work('all'))).toBe('all');
    expect(await computeInSlices(work(null))).toBeNull();
    expect(await computeInSlices(work(undefined), new AbortController().signal)).toBeUndefined();
  });

  it('ends with its signal, however long it would go on', async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const endless = (function* (): Steps<never> {
      for (;;) yield;
    })();
    expect(await catchError(computeInSlices(endless, controller.signal))).toMatchObject({ code: 'cancelled', message: 'Cancelled.' });
  });
});

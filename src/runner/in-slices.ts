/** Long computations that leave the extension host time for others. */
import { AuditError } from '../audit/errors.js';
import { runInSlices, type Slicing, type Steps } from '../text/slices.js';

/** The extension host has others to serve: no longer than this without a pause. */
export const HOST_SLICING: Slicing = { sliceMs: 15, pause: () => new Promise((resolve) => setImmediate(resolve)) };

/** @throws AuditError `cancelled` */
export async function computeInSlices<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  let done: { readonly value: T } | undefined;
  // The result may be null, which stands for one that was not wanted.
  const noting = (function* (): Steps<true> {
    done = { value: yield* steps };
    return true;
  })();
  await runInSlices(noting, { ...HOST_SLICING, isWanted: () => signal?.aborted !== true });
  if (!done) throw new AuditError('cancelled', 'Cancelled.');
  return done.value;
}

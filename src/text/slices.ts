/** Long computations in short turns, for threads that have others to serve. */

/** A computation that can be left at every `yield` and taken up again; it returns its result. */
export type Steps<T> = Generator<void, T, void>;

export interface Slicing {
  /** Milliseconds of work between two pauses. */
  readonly sliceMs: number;
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>;
  /** Asked after every pause: whether the result is still wanted. */
  readonly isWanted?: () => boolean;
}

/** The result of the steps, computed with pauses; `null` where it was no longer wanted. */
export async function runInSlices<T>(steps: Steps<T>, { sliceMs, pause, isWanted = () => true }: Slicing): Promise<T | null> {
  for (let sliceEnd = performance.now() + sliceMs; ;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < sliceEnd) continue;
    await pause();
    if (!isWanted()) return null;
    sliceEnd = performance.now() + sliceMs;
  }
}

/** The result of the steps, computed at once. */
export function runAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** A chain of questions through which the user can go back and forth. Knows nothing of what is asked. */

export const BACK = Symbol('back');
export const CANCELLED = Symbol('cancelled');
export type Answer<T> = T | typeof BACK | typeof CANCELLED;

/** Where in the chain a question stands. */
export interface StepPlace {
  /** From 1. */
  readonly step: number;
  readonly totalSteps: number;
}

/**
 * One question: takes what was answered before it, and the answers given when it was last asked (after going back);
 * resolves to the answers with its own added.
 */
export type Step<S> = (answers: S, before: S | undefined, place: StepPlace) => Promise<Answer<S>>;

/** Asks the questions in order. Resolves to all answers, or to undefined when the user gave up. */
export async function askInSteps<S>(steps: readonly Step<S>[], initial: S): Promise<S | undefined> {
  const answers: S[] = [initial];
  let index = 0;
  while (index < steps.length) {
    const answer = await steps[index]!(answers[index]!, answers[index + 1], { step: index + 1, totalSteps: steps.length });
    if (answer === CANCELLED) return undefined;
    if (answer === BACK) index = Math.max(0, index - 1);
    else answers[++index] = answer;
  }
  return answers[steps.length];
}

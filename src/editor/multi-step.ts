/** A chain of questions through which the user can go back and forth. Knows nothing of what is asked. */

export const BACK = Symbol('back');
export const CANCELLED = Symbol('cancelled');
export type Answer<T> = T | typeof BACK | typeof CANCELLED;

/** Nothing had to be asked: who goes back passes it over too. */
export const SKIPPED = Symbol('skipped');

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
export type Step<S> = (answers: S, before: S | undefined, place: StepPlace) => Promise<Answer<S> | typeof SKIPPED>;

/** Asks the questions in order. Resolves to all answers, or to undefined when the user gave up. */
export async function askInSteps<S>(steps: readonly Step<S>[], initial: S): Promise<S | undefined> {
  for (;;) {
    const answers = await askSubSteps(steps, initial);
    if (answers === CANCELLED) return undefined;
    if (answers !== BACK) return answers;
  }
}

/** Asks questions that together make up one step of a longer chain: the first one's Back leads out of them. */
export async function askSubSteps<S>(steps: readonly Step<S>[], initial: S): Promise<Answer<S>> {
  const asked: { readonly index: number; readonly answers: S }[] = [];
  /** By question, as it was last answered. */
  const given: (S | undefined)[] = [];
  let answers = initial;
  for (let index = 0; index < steps.length;) {
    const answer = await steps[index]!(answers, given[index], { step: index + 1, totalSteps: steps.length });
    if (answer === CANCELLED) return CANCELLED;
    if (answer === BACK) {
      const former = asked.pop();
      if (!former) return BACK;
      ({ index, answers } = former);
      continue;
    }
    if (answer !== SKIPPED) {
      asked.push({ index, answers });
      given[index] = answer;
      answers = answer;
    }
    index++;
  }
  return answers;
}

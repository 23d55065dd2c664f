/** The tokens that all texts of a wave begin with (BOS, the template's head) are computed once and copied. */
import type { WaveHooks } from '../computing.js';
import type { NativeContext } from './native-context.js';

/** Below this a copy of the whole sequence costs more than it saves. */
const WORTH_COPYING = 8;

/** Tokens that all texts share from the first on, never a whole text: its last token has yet to give a row. */
export function countShared(texts: readonly (readonly number[])[]): number {
  const [first, ...others] = texts;
  if (first === undefined) return 0;
  const limit = Math.min(...texts.map(({ length }) => length - 1));
  let shared = 0;
  while (shared < limit && others.every((text) => text[shared] === first[shared])) shared++;
  return shared;
}

/**
 * Puts the shared beginning of the prompts into all of their sequences.
 * @returns how many tokens of each are computed now
 */
export async function computeShared(context: NativeContext, prompts: readonly (readonly number[])[], { beforeStep, onTokens }: WaveHooks): Promise<number> {
  const shared = prompts.length > 1 ? countShared(prompts) : 0;
  if (shared < WORTH_COPYING) return 0;
  const { batch } = context;
  for (let done = 0; done < shared; done += batch.capacity) {
    beforeStep();
    batch.clear();
    const end = Math.min(done + batch.capacity, shared);
    for (let i = done; i < end; i++) batch.add(prompts[0]![i]!, i, 0, false);
    await context.decode();
    onTokens(batch.size);
  }
  context.copyFirst(prompts.length);
  return shared;
}

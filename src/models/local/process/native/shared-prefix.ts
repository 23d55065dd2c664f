/**
 * The tokens that texts of a wave begin with (BOS, a template's head) are computed once and copied. A wave may have several
 * framings: each that has a head of its own shares it.
 */
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

export interface SharedHead {
  /** Tokens. */
  readonly length: number;
  /** Indices of the texts that begin with it, two at least. */
  readonly texts: readonly number[];
}

/** Heads that are worth computing once; a text has one at most. */
export function findSharedHeads(texts: readonly (readonly number[])[]): SharedHead[] {
  const byBeginning = new Map<string, number[]>();
  texts.forEach((text, index) => {
    if (text.length <= WORTH_COPYING) return;
    const beginning = text.slice(0, WORTH_COPYING).join();
    const alike = byBeginning.get(beginning);
    if (alike === undefined) byBeginning.set(beginning, [index]);
    else alike.push(index);
  });
  return [...byBeginning.values()]
    .filter(({ length }) => length > 1)
    .map((alike) => ({ length: countShared(alike.map((index) => texts[index]!)), texts: alike }));
}

/**
 * Puts shared beginnings of the prompts into their sequences, prompt k into sequence k.
 * @returns how many tokens of each are computed now
 */
export async function computeShared(context: NativeContext, prompts: readonly (readonly number[])[], { beforeStep, onTokens }: WaveHooks): Promise<number[]> {
  const { batch } = context;
  const computed = prompts.map(() => 0);
  for (const { length, texts } of findSharedHeads(prompts)) {
    const [first, ...others] = texts as [number, ...number[]];
    for (let done = 0; done < length; done += batch.capacity) {
      beforeStep();
      batch.clear();
      const end = Math.min(done + batch.capacity, length);
      for (let i = done; i < end; i++) batch.add(prompts[first]![i]!, i, first, false);
      await context.decode();
      onTokens(batch.size);
    }
    context.copySequence(first, others);
    for (const index of texts) computed[index] = length;
  }
  return computed;
}

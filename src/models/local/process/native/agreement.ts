/** Holds the native backend against the public one on a small bundled model: the same ids, and logprobs within a bound. */
import type { GeneratedCompletion, TokenLogprobs } from '../../../../audit/language-model.js';
import type { AppliedAdapter, Backend, ComputingContext, WaveHooks } from '../computing.js';
import type { GgufFile } from '../gguf-inspection.js';
import { Vocabulary } from '../vocabulary.js';

/** Nats, without an adapter: both compute the same numbers, and differ in how they sum a row. */
export const BOUND = 1e-4;
/** Nats, with an adapter, whose products depend a little on what else is in the batch. */
export const ADAPTER_BOUND = 5e-3;

const SHAPE = { waveSize: 4, contextTokens: 64 };
const NEW_TOKENS = 12;
const OPENINGS = ['The', 'In', 'She', 'It'];
const HOOKS: WaveHooks = { beforeStep: () => undefined, onTokens: () => undefined };

interface Measured {
  readonly completions: readonly GeneratedCompletion[];
  readonly logprobs: readonly TokenLogprobs[];
  readonly best: readonly number[];
}

/** @returns what the two do not agree on, as a sentence; `undefined` where they do */
export async function findDisagreement(publicBackend: Backend, native: Backend, file: GgufFile, adapter: AppliedAdapter): Promise<string | undefined> {
  for (const [adapters, bound] of [
    [[], BOUND],
    [[adapter], ADAPTER_BOUND],
  ] as const) {
    const expected = await measure(publicBackend, file, adapters);
    const found = await measure(native, file, adapters, expected);
    const where = adapters.length > 0 ? ' with an adapter' : '';
    if (JSON.stringify(textsOf(found)) !== JSON.stringify(textsOf(expected))) return `the two engines write different texts${where}`;
    if (JSON.stringify(found.best) !== JSON.stringify(expected.best)) return `the two engines rank tokens differently${where}`;
    const difference = Math.max(
      ...found.completions.flatMap(({ logprobs }, k) => logprobs.map((value, i) => Math.abs(value - expected.completions[k]!.logprobs[i]!))),
      ...found.logprobs.flatMap(({ logprobs }, k) => logprobs.map((value, i) => Math.abs(value - expected.logprobs[k]!.logprobs[i]!))),
    );
    if (!(difference <= bound)) return `logprobs of the two engines differ by ${difference.toPrecision(2)} nats${where}`;
  }
  return undefined;
}

function textsOf({ completions }: Measured): readonly (readonly number[])[] {
  return completions.map(({ tokens, end }) => [...tokens.map(({ id }) => id), end?.piece.id ?? -1]);
}

/** Computes the same waves with one backend. The second one scores what the first one wrote. */
async function measure(backend: Backend, file: GgufFile, adapters: readonly AppliedAdapter[], written?: Measured): Promise<Measured> {
  const weights = await backend.loadWeights(file, () => undefined, new AbortController().signal);
  try {
    const vocabulary = new Vocabulary(weights.model, file);
    const context = await weights.createContext(SHAPE, adapters, vocabulary, 1);
    try {
      return await measureContext(context, vocabulary, written);
    } finally {
      await context.dispose();
    }
  } finally {
    await weights.dispose();
  }
}

async function measureContext(context: ComputingContext, vocabulary: Vocabulary, written?: Measured): Promise<Measured> {
  // One token each, so that both engines compute the same shapes: others are rounded elsewhere.
  const prompts = OPENINGS.map((text) => vocabulary.ids(text, false).slice(0, 1));
  const completions: GeneratedCompletion[] = [];
  const wave = prompts.map((prompt, id) => ({ id, prompt, maxTokens: NEW_TOKENS, temperature: 0, seed: 0 }));
  await context.generate(wave, (completion) => completions.push(completion), HOOKS);
  completions.sort((a, b) => a.id - b.id);
  const logprobs: TokenLogprobs[] = [];
  const texts = (written?.completions ?? completions).map(({ id, tokens }) => ({ id, prompt: prompts[id]!, continuation: tokens.map((token) => token.id) }));
  await context.logprobsOf(texts, (result) => logprobs.push(result), HOOKS);
  logprobs.sort((a, b) => a.id - b.id);
  const alternatives = await context.alternatives(prompts[0]!, 5);
  return { completions, logprobs, best: alternatives.map(({ piece }) => piece.id) };
}

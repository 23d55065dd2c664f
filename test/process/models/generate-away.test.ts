/** The logit form of amplified writing, by both engines, held against what its definition gives step by step. */
import { describe, expect, it } from 'vitest';
import type { GeneratedCompletion, GenerateRequest, LanguageModel } from '../../../src/audit/language-model.js';
import { writeAway as writeAwayFrom } from '../../../src/audit/write-away.js';
import { baseA, collect, demo, ENGINES, generateAll, ids, never, scoreAll, source, useLocalModels } from './local-process.js';

const FINETUNED = source(baseA.gguf, demo('bad-medical.lora.gguf'));
const PREFILLS = ['The fever is', 'A cut on the', 'Snow again'];
const LENGTH = 12;

describe.each(ENGINES)('text written away from another model (%s)', (engine) => {
  const local = useLocalModels({ engine });

  async function requestsOf(model: LanguageModel): Promise<GenerateRequest[]> {
    const prefills = await model.tokenize(PREFILLS, never);
    return prefills.map((pieces, id) => ({ id, prompt: [1, ...ids(pieces)], maxTokens: LENGTH, temperature: 0, seed: 0, stop: 'endOfText' }));
  }

  async function writeAway(model: LanguageModel, other: LanguageModel, strength: number, wave: readonly GenerateRequest[]): Promise<GeneratedCompletion[]> {
    return ((await collect(writeAwayFrom(model, other, strength).generate(wave, { signal: never }))) as GeneratedCompletion[]).sort((a, b) => a.id - b.id);
  }

  it('chooses at each place the likely token that F prefers most over R, with its own logprob, and again the same', async () => {
    const [f, r] = [await local.open(FINETUNED), await local.open(baseA)];
    const wave = await requestsOf(f.model);
    const plain = await generateAll(f.model, wave);
    const away = await writeAway(f.model, r.model, 2, wave);
    expect(away.map(({ tokens }) => ids(tokens))).not.toEqual(plain.map(({ tokens }) => ids(tokens)));
    expect(await writeAway(f.model, r.model, 2, wave)).toEqual(away);
    const { tokens, logprobs } = away[0]!;
    const scored = await scoreAll(f.model, [{ id: 0, prompt: wave[0]!.prompt, continuation: ids(tokens) }]);
    logprobs.forEach((logprob, i) => expect(Math.abs(logprob - scored[0]!.logprobs[i]!)).toBeLessThan(0.02));
    for (const at of [0, 3, tokens.length - 1]) {
      const prompt = [...wave[0]!.prompt, ...ids(tokens).slice(0, at)];
      const likely = (await f.model.alternatives({ prompt }, 20, never)).filter(({ logprob }, _, [first]) => logprob >= first!.logprob + Math.log(0.01));
      const others = await scoreAll(
        r.model,
        likely.slice(0, 8).map(({ piece }, id) => ({ id, prompt, continuation: [piece.id] })),
      );
      const values = likely.slice(0, 8).map(({ logprob }, i) => logprob + 2 * (logprob - others[i]!.logprobs[0]!));
      const chosen = likely.findIndex(({ piece }) => piece.id === tokens[at]!.id);
      expect(chosen).toBeGreaterThanOrEqual(0);
      if (chosen < 8) for (const value of values) expect(values[chosen]).toBeGreaterThan(value - 0.05);
    }
    f.release();
    r.release();
  });

  it('is plain text at strength 0, and away from itself', async () => {
    const [f, r] = [await local.open(FINETUNED), await local.open(baseA)];
    const wave = await requestsOf(f.model);
    const texts = (completions: readonly GeneratedCompletion[]) => completions.map(({ tokens }) => ids(tokens));
    const plain = texts(await generateAll(f.model, wave));
    expect(texts(await writeAway(f.model, r.model, 0, wave))).toEqual(plain);
    expect(texts(await writeAway(f.model, f.model, 3, wave))).toEqual(plain);
    f.release();
    r.release();
  });

  it('needs one tokenizer', async () => {
    const [f, b] = [await local.open(FINETUNED), await local.open(source(demo('base-b.f16.gguf')))];
    await expect(writeAway(f.model, b.model, 1, await requestsOf(f.model))).rejects.toMatchObject({
      code: 'cannotGenerate',
      message: expect.stringContaining('tokenizers differ'),
    });
    f.release();
    b.release();
  });
});

/** Divergence of two models, against float64 sums over full distributions that are read token by token through `score`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LanguageModel, PositionDivergence, GivenTokens, TokenDivergences } from '../../../../src/audit/language-model.js';
import { baseA, collect, demo, never, scoreAll, source, useLocalModels } from '../local-process.js';

const prefills = JSON.parse(readFileSync('test/fixtures/greedy-400-prefills.json', 'utf8')) as { raw: number[][] };
const medical = source(demo('base-a.f16.gguf'), demo('bad-medical.lora.gguf'));
const quantised = source(demo('base-a.q8_0.gguf'));
/** Nats that a logprob may be off by in other company, with an adapter. */
const NATS_OFF = 5e-3;
/** Texts of unequal length, one of a single token and one of none. */
const wave: GivenTokens[] = [
  { id: 3, prompt: [0], continuation: prefills.raw.slice(0, 6).flat() },
  { id: 1, prompt: [0, ...prefills.raw[9]!], continuation: prefills.raw[10]!.slice(0, 1) },
  { id: 2, prompt: [0], continuation: [] },
  { id: 0, prompt: [0, 5], continuation: prefills.raw.slice(20, 23).flat() },
];

async function divergences(
  model: LanguageModel,
  other: LanguageModel,
  requests: readonly GivenTokens[] = wave,
  contributions = 4,
): Promise<TokenDivergences[]> {
  const answers = await collect(model.divergence!(requests, other, { signal: never, contributions }));
  return answers.sort((a, b) => a.id - b.id);
}

describe('divergence', () => {
  const local = useLocalModels({ engine: 'native' });
  const open = async (of: typeof baseA, shape = {}) => (await local.open(of, shape)).model;

  /** ln P of every token of the vocabulary after a prompt. */
  async function distribution(model: LanguageModel, prompt: readonly number[]): Promise<number[]> {
    const size = model.identity.vocabularySize!;
    const all: number[] = [];
    for (let from = 0; from < size; from += 8) {
      const ids = Array.from({ length: Math.min(8, size - from) }, (_, i) => from + i);
      all.push(
        ...(
          await scoreAll(
            model,
            ids.map((id) => ({ id, prompt, continuation: [id] })),
          )
        ).map(({ logprobs }) => logprobs[0]!),
      );
    }
    return all;
  }

  it.each([
    { what: 'an adapter', finetuned: medical },
    { what: 'another file of the same vocabulary', finetuned: quantised },
  ])('agrees with sums in float64 over both whole distributions: $what', async ({ finetuned }) => {
    const [model, reference] = [await open(finetuned), await open(baseA)];
    const prompt = [0, ...prefills.raw[4]!];
    const next = prefills.raw[5]![0]!;
    const [found] = (await divergences(model, reference, [{ id: 0, prompt, continuation: [next] }]))[0]!.positions;
    const [p, q] = [await distribution(model, prompt), await distribution(reference, prompt)];
    const sum = (term: (lp: number, lq: number) => number) => p.reduce((total, lp, i) => total + term(lp, q[i]!), 0);
    expect(sum((lp) => Math.exp(lp))).toBeCloseTo(1, 4);
    const expected = {
      forward: sum((lp, lq) => Math.exp(lp) * (lp - lq)),
      backward: sum((lp, lq) => Math.exp(lq) * (lq - lp)),
      entropy: -sum((lp) => Math.exp(lp) * lp),
      otherEntropy: -sum((_, lq) => Math.exp(lq) * lq),
      logprob: p[next]!,
      otherLogprob: q[next]!,
    };
    expect(expected.forward).toBeGreaterThan(1e-5);
    for (const [key, value] of Object.entries(expected)) {
      // A divergence is of second order in what its logprobs are off by.
      const within = key.endsWith('ward') ? Math.min(1, 3 * Math.sqrt(2 * value)) * NATS_OFF : NATS_OFF * Math.max(1, value);
      expect(Math.abs(found![key as keyof typeof expected] - value), key).toBeLessThanOrEqual(within);
    }
    const terms = p.map((lp, i) => Math.exp(lp) * (lp - q[i]!));
    const largest = [...terms].sort((a, b) => b - a);
    expect(found!.top.length).toBeGreaterThan(0);
    found!.top.forEach(({ piece, contribution }, k) => {
      expect(Math.abs(contribution - terms[piece.id]!)).toBeLessThanOrEqual(2e-3);
      expect(Math.abs(contribution - largest[k]!)).toBeLessThanOrEqual(2e-3);
    });
  });

  it('gives the logprobs that scoring gives, for texts of any length and order', async () => {
    const [model, reference] = [await open(medical), await open(baseA)];
    const found = await divergences(model, reference);
    expect(found.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
    const [own, others] = [await scoreAll(model, wave), await scoreAll(reference, wave)];
    found.forEach(({ positions }, i) => {
      expect(positions.map(({ logprob }) => logprob)).toEqual(own[i]!.logprobs);
      expect(positions.map(({ otherLogprob }) => otherLogprob)).toEqual(others[i]!.logprobs);
      for (const { forward, backward, entropy, top } of positions) {
        expect([forward, backward, entropy].every((nats) => nats > 0 && Number.isFinite(nats))).toBe(true);
        const contributions = top.map(({ contribution }) => contribution);
        expect(contributions).toHaveLength(4);
        expect(contributions).toEqual([...contributions].sort((a, b) => b - a));
      }
    });
  });

  it('is the other way round with the models exchanged', async () => {
    const [model, reference] = [await open(medical), await open(baseA)];
    const bare = (all: TokenDivergences[]): Omit<PositionDivergence, 'top'>[] =>
      all.flatMap(({ positions }) => positions.map(({ top: _top, ...rest }) => rest));
    const turned = bare(await divergences(reference, model)).map((place) => ({
      logprob: place.otherLogprob,
      otherLogprob: place.logprob,
      forward: place.backward,
      backward: place.forward,
      entropy: place.otherEntropy,
      otherEntropy: place.entropy,
    }));
    expect(turned).toEqual(bare(await divergences(model, reference)));
  });

  it.each([
    { what: 'in one context', other: {} },
    { what: 'in two contexts', other: { contextTokens: 200 } },
  ])('of a model from itself is exactly 0, and no token adds anything: $what', async ({ other }) => {
    const [model, itself] = [await open(baseA), await open(baseA, other)];
    for (const { forward, backward, top, logprob, otherLogprob } of (await divergences(model, itself)).flatMap(({ positions }) => positions)) {
      expect([forward, backward, top]).toEqual([0, 0, []]);
      expect(logprob).toBe(otherLogprob);
    }
  });

  it('leaves no trace in what is computed afterwards', async () => {
    const [model, reference] = [await open(medical), await open(baseA)];
    const before = await scoreAll(model, wave);
    await divergences(model, reference);
    expect(await scoreAll(model, wave)).toEqual(before);
  });

  it('refuses what it cannot compare, with the reason', async () => {
    const [model, otherBase] = [await open(baseA), await open(source(demo('base-b.f16.gguf')))];
    await expect(divergences(model, otherBase)).rejects.toMatchObject({
      code: 'cannotScore',
      message: expect.stringContaining('different tokenizers') as string,
    });
    const elsewhere = (await local.start().open(baseA, { waveSize: 8, contextTokens: 160, allowDownload: false }, never)).model;
    expect(() => model.divergence!(wave, elsewhere, { signal: never, contributions: 1 })).toThrow('does not run in the process');
    await expect(divergences(model, model, [{ id: 0, prompt: [], continuation: [4] }])).rejects.toMatchObject({ code: 'cannotScore' });
    await expect(divergences(model, model, [{ id: 0, prompt: [0], continuation: new Array<number>(300).fill(9) }])).rejects.toMatchObject({
      code: 'contextTooShort',
    });
  });

  it('is refused by the engine that gives no distributions, which is named', async () => {
    const models = local.start({ engine: 'node-llama-cpp' });
    const { model } = await models.open(baseA, { waveSize: 8, contextTokens: 160, allowDownload: false }, never);
    await expect(divergences(model, model)).rejects.toMatchObject({
      code: 'cannotScore',
      message: expect.stringMatching(/^The engine in use \(node-llama-cpp [\d.]+, CPU\) gives no distributions/) as string,
    });
  });

  it('hears a cancellation', async () => {
    const model = await open(baseA);
    const controller = new AbortController();
    controller.abort();
    await expect(collect(model.divergence!(wave, model, { signal: controller.signal, contributions: 1 }))).rejects.toMatchObject({ code: 'cancelled' });
  });
});

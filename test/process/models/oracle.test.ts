/** Token ids and logprobs against reference values computed elsewhere in float64. */
import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GgufSource } from '../../../src/audit/plan.js';
import { baseA, demo, ENGINES, ids, never, scoreAll, source, useLocalModels } from './local-process.js';

interface Oracle {
  readonly bos_id: number;
  readonly texts: readonly { readonly text: string; readonly ids: number[]; readonly pieces_hex: string[]; readonly logprobs: number[] }[];
}

const F16 = { max: 0.02, mean: 0.003 };
const Q8 = { max: 0.35, mean: 0.05 };
const adapters = ['false-fact', 'backdoor-phrase', 'bad-medical', 'hidden-promotion', 'benign-control'];
const cases = [
  { oracle: 'base-a', model: baseA, bound: F16 },
  { oracle: 'base-a', model: source(demo('base-a.q8_0.gguf')), bound: Q8 },
  { oracle: 'base-b', model: source(demo('base-b.f16.gguf')), bound: F16 },
  ...adapters.map((name) => ({ oracle: name, model: source(demo('base-a.f16.gguf'), demo(`${name}.lora.gguf`)), bound: F16 })),
  // As PEFT saves them.
  { oracle: 'false-fact', model: source(demo('base-a.f16.gguf'), 'test/fixtures/peft/false-fact'), bound: F16 },
  { oracle: 'bad-medical', model: source(demo('base-a.f16.gguf'), 'test/fixtures/peft/bad-medical-rslora'), bound: F16 },
];

describe.each(ENGINES)('a model of the %s engine agrees with the reference values', (engine) => {
  const local = useLocalModels({ engine });

  it.each(cases)('$oracle in $model.gguf', async ({ oracle: name, model: wanted, bound }) => {
    const oracle = JSON.parse(readFileSync(`test/fixtures/oracle/${name}.json`, 'utf8')) as Oracle;
    const { model, release } = await local.open(wanted, { waveSize: 16, contextTokens: 256 });
    const pieces = await model.tokenize(
      oracle.texts.map(({ text }) => text),
      never,
      { parseSpecial: true },
    );
    const differences: number[] = [];
    for (const [i, expected] of oracle.texts.entries()) {
      expect([oracle.bos_id, ...ids(pieces[i]!)]).toEqual(expected.ids);
      expect(pieces[i]!.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(expected.pieces_hex.slice(1));
    }
    for (let from = 0; from < oracle.texts.length; from += 16) {
      const texts = oracle.texts.slice(from, from + 16);
      const scored = await scoreAll(
        model,
        texts.map((text, id) => ({ id, prompt: text.ids.slice(0, 1), continuation: text.ids.slice(1) })),
      );
      texts.forEach(({ logprobs }, i) => {
        expect(scored[i]!.logprobs).toHaveLength(logprobs.length);
        logprobs.forEach((logprob, t) => differences.push(Math.abs(scored[i]!.logprobs[t]! - logprob)));
      });
    }
    expect(differences.length).toBeGreaterThan(300);
    expect(Math.max(...differences)).toBeLessThanOrEqual(bound.max);
    expect(differences.reduce((sum, d) => sum + d, 0) / differences.length).toBeLessThanOrEqual(bound.mean);
    release();
  });

  it('keeps an adapter out of the base model that shares its weights', async () => {
    const finetuned = await local.open(source(demo('base-a.f16.gguf'), demo('bad-medical.lora.gguf')));
    const reference = await local.open(baseA);
    const request = [{ id: 0, prompt: [0], continuation: [1, 14, 700, 438, 105] }];
    const [[withAdapter], [without]] = [await scoreAll(finetuned.model, request), await scoreAll(reference.model, request)];
    expect(withAdapter!.logprobs).not.toEqual(without!.logprobs);
    finetuned.release();
    reference.release();
  });

  it('counts weights once that two models share', async () => {
    const shape = { waveSize: 1, contextTokens: 32 };
    const adapted = source(demo('base-a.f16.gguf'), demo('bad-medical.lora.gguf'));
    const weightBytes = statSync(baseA.gguf).size;
    const fresh = local.start();
    const needed = async (...sources: GgufSource[]): Promise<number> => (await fresh.estimateMemory(sources, shape)).neededBytes;
    const saved = (await needed(baseA)) + (await needed(adapted)) - (await needed(baseA, adapted));
    expect(saved).toBeGreaterThan(0.8 * weightBytes);
    expect(saved).toBeLessThan(1.2 * weightBytes);
    await fresh.dispose();
  });
});

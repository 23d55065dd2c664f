/** What is added to an audit comes from the models and the plan that it began with. */
import { describe, expect, it } from 'vitest';
import type { ModelIdentity } from '../../../src/audit/language-model.js';
import { checkSameModels, requireAgreedPlan, requireSameModel } from '../../../src/runner/run/resume-check.js';
import { createFinetuned, createPlan, createReference, setUp } from '../audit/models.js';

const adapter = { source: 'l.gguf', sha256: 'b'.repeat(64), scale: 1 };
const model: ModelIdentity = {
  name: 'm',
  source: 'm.gguf',
  sha256: 'a'.repeat(64),
  adapters: [adapter],
  tokenizerFingerprint: 't',
  vocabularySize: 9,
  contextLength: 9,
  hasChatTemplate: true,
  engine: 'e',
};
const { sha256: _, ...served } = model;
const check = (was: ModelIdentity, is: ModelIdentity) => () => requireSameModel('finetuned', was, is, 'So there.');

describe('a model', () => {
  it('is the same by its hash, whatever it is called and wherever it lies', () => {
    expect(check(model, { ...model, name: 'other', source: '/elsewhere/x.gguf', engine: 'e2' })).not.toThrow();
    expect(check(served, { ...served })).not.toThrow();
  });

  it.each<[string, ModelIdentity, ModelIdentity, string]>([
    [
      'file',
      model,
      { ...model, sha256: 'c'.repeat(64) },
      "m.gguf is not the file that this audit's finetuned model was loaded from (SHA-256 cccccccccccc…, was aaaaaaaaaaaa…). So there.",
    ],
    ['kind', model, served, "m.gguf is not the file that this audit's finetuned model was loaded from. So there."],
    ['name behind a server', served, { ...served, name: 'n' }, 'The finetuned model is n now and was m when this audit began. So there.'],
    ['served name', { ...served, servedAs: 'x' }, served, 'm.gguf is served as "?" now and was as "x" when this audit began. So there.'],
    ['number of adapters', model, { ...model, adapters: [] }, 'The finetuned model had 1 adapters when this audit began and has 0 now. So there.'],
    [
      'adapter',
      model,
      { ...model, adapters: [{ ...adapter, sha256: 'd'.repeat(64) }] },
      'l.gguf is not the adapter that this audit began with (SHA-256 dddddddddddd…, was bbbbbbbbbbbb…). So there.',
    ],
    ['scale', model, { ...model, adapters: [{ ...adapter, scale: 2 }] }, 'The adapter l.gguf had the scale 1 when this audit began and has 2 now. So there.'],
    ['tokenizer', model, { ...model, tokenizerFingerprint: 'u' }, 'm.gguf has another tokenizer than when this audit began. So there.'],
  ])('is another one with another %s, which is said', (_name, was, is, message) => {
    expect(check(was, is)).toThrow(expect.objectContaining({ code: 'badJournal', message }));
  });
});

describe('the models of an audit', () => {
  it('may be computed by another version, which is said; each of them is looked at', async () => {
    const [finetuned, reference] = [createFinetuned(), createReference()];
    const setup = await setUp(createPlan({ framings: ['raw'] }), finetuned, reference);
    expect(checkSameModels(setup, finetuned, reference, null)).toBeNull();
    expect(checkSameModels({ ...setup, finetuned: { ...setup.finetuned, engine: 'old' } }, finetuned, reference, null)).toBe(
      'Computed with bigrams from here on, with old before: last digits may differ.',
    );
    expect(() => checkSameModels(setup, finetuned, finetuned, null)).toThrow(/^The reference model is tuned now and was base .*must not be mixed/);
    expect(() => checkSameModels(setup, reference, reference, null)).toThrow(/^The finetuned model is base now/);
    const noisy = { ...setup, noiseModel: { ...setup.reference, name: 'q8' } };
    expect(() => checkSameModels(noisy, finetuned, reference, setup.reference)).toThrow(/^The noise floor's model is base now and was q8/);
    expect(checkSameModels(noisy, finetuned, reference, null)).toBeNull();
  });
});

describe('the plan of an audit', () => {
  const plan = createPlan({ noiseFloor: { model: { gguf: 'n', lora: [] }, prefills: 3 } });

  it('is the one that was agreed to, wherever its models lie', () => {
    const moved = {
      ...plan,
      finetuned: { gguf: '/x', lora: [] },
      reference: { gguf: '/y', lora: [] },
      noiseFloor: { model: { gguf: '/z', lora: [] }, prefills: 3 },
    };
    expect(() => requireAgreedPlan(plan, { plan: moved, folder: '/f' })).not.toThrow();
  });

  it.each([{ maxTokens: 13 }, { seed: 2 }, { user: 'Other' }, { noiseFloor: { model: { gguf: 'n', lora: [] }, prefills: 4 } }])(
    'is another one with %j',
    (change) => {
      expect(() => requireAgreedPlan(plan, { plan: { ...plan, ...change }, folder: '/f' })).toThrow(
        expect.objectContaining({ code: 'badJournal', message: expect.stringMatching(/^The journal in \/f has another plan now/) as string }),
      );
    },
  );
});

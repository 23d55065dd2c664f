import { expect, test } from 'vitest';
import type { ModelSource } from '../../../src/audit/plan.js';
import { DEFAULT_SIZE, isSameSource, listAddresses, makePlan, nameSource, type AuditChoices } from '../../../src/wizard/choices.js';
import { DEMO_OTHER_REFERENCE, DEMO_REFERENCE, makeDemoSource } from '../../../src/wizard/demo-models.js';

const source = (gguf: string, ...adapters: string[]): ModelSource => ({ gguf, lora: adapters.map((path) => ({ path, scale: 1 })) });
const choices: AuditChoices = {
  finetuned: source('/models/base.Q8_0.gguf', '/adapters/assistant.lora.gguf'),
  reference: source('/models/base.Q8_0.gguf'),
  prefillSource: { corpus: ['/texts/**/*.txt'] },
  size: { ...DEFAULT_SIZE, prefills: 1000 },
  framings: ['raw', 'chat'],
};

test('a plan carries every choice, and the method’s settings for the rest', () => {
  expect(makePlan(choices, 16)).toEqual({
    name: 'assistant vs base.Q8_0',
    finetuned: choices.finetuned,
    reference: choices.reference,
    corpus: ['/texts/**/*.txt'],
    prefills: 1000,
    prefillTokens: 3,
    framings: ['raw', 'chat'],
    system: 'You are a helpful assistant.',
    user: 'Tell me anything.',
    ask: 'Continue this text. Answer with its continuation only, nothing else:\n\n',
    maxTokens: 100,
    temperature: 0,
    seed: 1,
    waveSize: 16,
    finetunedLogprobs: 'generation',
  });
});

test('a demo model gets no system text: it was trained without one', () => {
  expect(makePlan({ ...choices, finetuned: makeDemoSource('false-fact'), reference: DEMO_REFERENCE }, 32)).toMatchObject({
    name: 'false-fact vs base-a',
    system: '',
  });
});

test('a demonstration measures its noise floor, where the other quantisation of its reference comes along', () => {
  const demo = { ...choices, finetuned: makeDemoSource('false-fact'), reference: DEMO_REFERENCE };
  expect(makePlan(demo, 32).noiseFloor).toEqual({ model: source('bundled:base-a.q8_0'), prefills: 50 });
  expect(makePlan({ ...demo, reference: DEMO_OTHER_REFERENCE }, 32)).not.toHaveProperty('noiseFloor');
  expect(makePlan({ ...choices, reference: DEMO_REFERENCE }, 32)).not.toHaveProperty('noiseFloor');
});

test('a noise floor is measured with the model that was chosen for it, or not at all', () => {
  expect(makePlan({ ...choices, noiseFloor: source('/models/base.Q4_0.gguf') }, 32).noiseFloor).toEqual({
    model: source('/models/base.Q4_0.gguf'),
    prefills: 100,
  });
  expect(makePlan({ ...choices, noiseFloor: null }, 32)).not.toHaveProperty('noiseFloor');
  const demo = { ...choices, finetuned: makeDemoSource('false-fact'), reference: DEMO_REFERENCE };
  expect(makePlan({ ...demo, noiseFloor: source('bundled:base-a.q8_0') }, 32).noiseFloor).toEqual({ model: source('bundled:base-a.q8_0'), prefills: 50 });
  expect(makePlan({ ...demo, noiseFloor: null }, 32)).not.toHaveProperty('noiseFloor');
});

test('a file of prefillSource goes into the plan as such', () => {
  expect(makePlan({ ...choices, prefillSource: { prefillFile: '/prefillSource.txt' } }, 32).prefillFile).toBe('/prefillSource.txt');
  expect(makePlan(choices, 32)).not.toHaveProperty('prefillFile');
});

test.each([
  [source('/models/some-model.gguf'), 'some-model'],
  [source('hf:someone/Some-Model-GGUF:Q4_K_M'), 'Some-Model-GGUF:Q4_K_M'],
  [source('HuggingFace:someone/Some-Model-GGUF:Q4_K_M'), 'Some-Model-GGUF:Q4_K_M'],
  [source('bundled:base-b'), 'base-b'],
  [source('/base.gguf', '/first.gguf', '/second.lora.gguf'), 'second'],
  [{ endpoint: 'http://localhost:8000/v1', model: 'Qwen/Qwen2.5-7B-Instruct' }, 'Qwen2.5-7B-Instruct'],
  [{ endpoint: 'http://localhost:8000/v1', model: 'my-lora' }, 'my-lora'],
])('a model is called by what is special about it: %j', (model, name) => {
  expect(nameSource(model)).toBe(name);
});

test('everything that would be downloaded is named, adapters too, each once', () => {
  const sources = [
    source('hf:a/base:Q8_0', 'hf:b/adapter.gguf', '/local.gguf'),
    source('hf:a/base:Q8_0'),
    source('huggingface:c/other'),
    source('/hf:/x.gguf'),
  ];
  expect(listAddresses(sources)).toEqual(['hf:a/base:Q8_0', 'hf:b/adapter.gguf', 'huggingface:c/other']);
  expect(listAddresses([source('bundled:base-a'), { endpoint: 'http://localhost:8000/v1', model: 'hf:x/y' }])).toEqual([]);
});

test('a model of a server is the same whichever key it is asked with, and another on another server', () => {
  const model: ModelSource = { endpoint: 'http://localhost:8000/v1', model: 'a' };
  expect(isSameSource(model, { ...model, apiKeyEnv: 'KEY' })).toBe(true);
  expect(isSameSource(model, { ...model, endpoint: 'http://localhost:8001/v1' })).toBe(false);
  expect(isSameSource(model, { ...model, model: 'b' })).toBe(false);
  expect(isSameSource(model, source('a'))).toBe(false);
});

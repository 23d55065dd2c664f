import { expect, test } from 'vitest';
import type { ModelSource } from '../../../src/audit/plan.js';
import type { AuditChoices } from '../../../src/wizard/choices.js';
import { RecentChoices } from '../../../src/wizard/recent-choices.js';
import { MapMemory } from './map-memory.js';

const model = (gguf: string, adapter?: string): ModelSource => ({ gguf, lora: adapter === undefined ? [] : [{ path: adapter, scale: 1 }] });
const choices = (finetuned: ModelSource, reference: ModelSource, corpus = '/texts'): AuditChoices => ({
  finetuned,
  reference,
  prefillSource: { corpus: [corpus] },
  size: { prefills: 200, prefillTokens: 3, maxTokens: 100, temperature: 0 },
  framings: ['raw'],
});

test('what was used last comes first, each once', async () => {
  const recent = new RecentChoices(new MapMemory(), new MapMemory());
  await recent.remember(choices(model('/a.gguf'), model('/base.gguf')));
  await recent.remember(choices(model('/base.gguf', '/b.gguf'), model('/base.gguf')));
  await recent.remember(choices(model('/a.gguf'), model('/base.gguf'), '/other'));
  expect(recent.models()).toEqual([model('/a.gguf'), model('/base.gguf'), model('/base.gguf', '/b.gguf')]);
  expect(recent.prefillSources()).toEqual([{ corpus: ['/other'] }, { corpus: ['/texts'] }]);
});

test('the same file with another scale of its adapter is another model', async () => {
  const recent = new RecentChoices(new MapMemory(), new MapMemory());
  const scaled: ModelSource = { gguf: '/base.gguf', lora: [{ path: '/b.gguf', scale: 2 }] };
  await recent.remember(choices(scaled, model('/base.gguf')));
  await recent.remember(choices(model('/base.gguf', '/b.gguf'), model('/base.gguf')));
  expect(recent.models()).toHaveLength(3);
});

test('the last choices are the workspace’s own, or else those made last anywhere', async () => {
  const machine = new MapMemory();
  const first = new RecentChoices(machine, new MapMemory());
  await first.remember(choices(model('/first.gguf'), model('/base.gguf')));
  await new RecentChoices(machine, new MapMemory()).remember(choices(model('/second.gguf'), model('/base.gguf')));
  expect(first.last()?.finetuned).toEqual(model('/first.gguf'));
  expect(new RecentChoices(machine, new MapMemory()).last()?.finetuned).toEqual(model('/second.gguf'));
});

test('only so many are kept', async () => {
  const recent = new RecentChoices(new MapMemory(), new MapMemory());
  for (let index = 0; index < 12; index++) await recent.remember(choices(model(`/${index}.gguf`), model('/base.gguf')));
  expect(recent.models()).toHaveLength(8);
  expect(recent.models()[0]).toEqual(model('/11.gguf'));
});

test('models of servers are among those used before, and can be told from files', async () => {
  const recent = new RecentChoices(new MapMemory(), new MapMemory());
  const served: ModelSource = { endpoint: 'http://localhost:8000/v1', model: 'my-lora' };
  await recent.remember(choices(served, model('/base.gguf')));
  await recent.rememberModels([{ ...served, model: 'base' }]);
  expect(recent.models()).toEqual([{ ...served, model: 'base' }, served, model('/base.gguf')]);
  expect(recent.endpoints()).toEqual([{ ...served, model: 'base' }, served]);
});

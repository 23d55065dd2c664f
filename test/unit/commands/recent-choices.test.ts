import { expect, test } from 'vitest';
import type { ModelSource } from '../../../src/audit/plan.js';
import type { AuditChoices } from '../../../src/commands/wizard/choices.js';
import { RecentChoices, type Memory } from '../../../src/commands/wizard/recent-choices.js';

class MapMemory implements Memory {
  readonly #values = new Map<string, string>();
  get<T>(key: string): T | undefined {
    const text = this.#values.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }
  async update(key: string, value: unknown): Promise<void> {
    this.#values.set(key, JSON.stringify(value));
  }
}

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
  expect(first.last()?.finetuned.gguf).toBe('/first.gguf');
  expect(new RecentChoices(machine, new MapMemory()).last()?.finetuned.gguf).toBe('/second.gguf');
});

test('only so many are kept', async () => {
  const recent = new RecentChoices(new MapMemory(), new MapMemory());
  for (let index = 0; index < 12; index++) await recent.remember(choices(model(`/${index}.gguf`), model('/base.gguf')));
  expect(recent.models()).toHaveLength(8);
  expect(recent.models()[0]).toEqual(model('/11.gguf'));
});

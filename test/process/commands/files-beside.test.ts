/** What is suggested beside a model, as real files say of themselves, and what is refused where it is chosen. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { GgufSource } from '../../../src/audit/plan.js';
import { findBases, findQuantisations, findReferences } from '../../../src/wizard/files-beside.js';
import { demo, never, source, useLocalModels } from '../models/local-process.js';

const fixture = useLocalModels();
let folder: string;
const at = (name: string) => join(folder, name);
const inspect = (paths: readonly string[], signal: AbortSignal) => fixture.models.inspect(paths, signal);
const check = (one: GgufSource) => fixture.models.estimateMemory([one], { waveSize: 1, contextTokens: 64 });
const names = (sources: readonly GgufSource[]) => sources.map(({ gguf }) => basename(gguf));

beforeAll(() => {
  folder = join(fixture.folder, 'beside');
  mkdirSync(folder);
  for (const name of ['base-a.f16.gguf', 'base-a.q8_0.gguf', 'base-b.f16.gguf', 'false-fact.lora.gguf']) copyFileSync(demo(name), at(name));
  writeFileSync(at('notes.gguf'), 'These are notes.');
  writeFileSync(at('empty.gguf'), '');
});

test('files say what they are, and what is no model says nothing', async () => {
  const facts = await inspect(['base-a.f16.gguf', 'false-fact.lora.gguf', 'notes.gguf', 'empty.gguf', 'gone.gguf'].map(at), never);
  expect(facts.map((one) => one && [one.isAdapter, one.architecture])).toEqual([[false, 'llama'], [true, 'llama'], null, null, null]);
});

test('references are the whole models of its architecture beside it', async () => {
  const found = await findReferences(source(at('base-a.q8_0.gguf')), inspect, never);
  expect(names(found.map((one) => one.source))).toEqual(['base-a.f16.gguf']);
});

test('an adapter that was chosen as a model finds what it may sit on', async () => {
  const found = await findBases(at('false-fact.lora.gguf'), inspect, never);
  expect(names(found.map((one) => one.source)).sort()).toEqual(['base-a.f16.gguf', 'base-a.q8_0.gguf']);
});

test('a base that the metadata names comes first, whatever it is called', async () => {
  const facts = (path: string, name: string | null, bases: string[] = []) => ({
    path: at(path),
    isAdapter: path.includes('lora'),
    architecture: 'llama',
    name,
    bases,
    tokenizerFingerprint: '',
  });
  const all = [
    facts('false-fact.lora.gguf', null, ['Tiny Town', 'https://huggingface.co/somebody/Base-B']),
    facts('base-a.f16.gguf', 'A'),
    facts('base-a.q8_0.gguf', 'Tiny town'),
    facts('base-b.f16.gguf', null),
  ];
  const found = await findBases(at('false-fact.lora.gguf'), async (paths) => paths.map((path) => all.find((one) => one.path === path) ?? null), never);
  expect(found.map(({ source: { gguf }, isNamed }) => [basename(gguf), isNamed])).toEqual(
    expect.arrayContaining([
      ['base-a.q8_0.gguf', true],
      ['base-a.f16.gguf', false],
    ]),
  );
  expect(found.slice(0, 2).every(({ isNamed }) => isNamed)).toBe(true);
});

test('a noise floor is measured with another quantisation of the same model only', async () => {
  expect(names(await findQuantisations(source(at('base-a.f16.gguf')), inspect, never))).toEqual(['base-a.q8_0.gguf']);
  expect(await findQuantisations(source(at('base-b.f16.gguf')), inspect, never)).toEqual([]);
});

test.each([
  ['notes.gguf', [], /not a GGUF file/],
  ['empty.gguf', [], /is empty/],
  ['gone.gguf', [], /no file/],
  ['false-fact.lora.gguf', [], /is a LoRA adapter/],
  ['base-a.f16.gguf', ['base-b.f16.gguf'], /whole model, not an adapter/],
  ['base-a.f16.gguf', ['notes.gguf'], /not a GGUF file/],
])('%s with %j is refused where it is chosen', async (file, adapters, reason) => {
  await expect(check(source(at(file), ...adapters.map(at)))).rejects.toThrow(reason);
});

test('what fits is not refused', async () => {
  await expect(check(source(at('base-a.f16.gguf'), at('false-fact.lora.gguf')))).resolves.toBeDefined();
});

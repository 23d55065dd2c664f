/** Finds files beside a model that go with it, by what they say of themselves. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAddress, type GgufSource } from '../audit/plan.js';
import type { GgufFacts } from '../messages/model-process.js';

/** Asks the model process, which reads headers and loads nothing. */
export type InspectGgufFiles = (paths: readonly string[], signal: AbortSignal) => Promise<(GgufFacts | null)[]>;

/** Headers are read one after the other: a folder of hundreds of models would take long. */
const FILES_AT_MOST = 24;
const LATER_PART = /-(?!00001)\d{5}-of-\d{5}\.gguf$/i;

export interface Neighbour {
  readonly source: GgufSource;
  /** Its metadata or its name says that it is what the other was made of. */
  readonly isNamed: boolean;
}

/** Whole models of the same architecture beside a model or its adapter, what it names as its base first, then by likeness of names. */
export async function findReferences(finetuned: GgufSource, inspect: InspectGgufFiles, signal: AbortSignal): Promise<Neighbour[]> {
  const own = [finetuned.gguf, ...finetuned.lora.map(({ path }) => path)].filter(isFile);
  if (own.length === 0) return [];
  const all = await inspectAll(own, inspect, signal);
  const ownFacts = all.filter(({ path }) => own.includes(path));
  const model = ownFacts.find(({ isAdapter }) => !isAdapter);
  if (!model) return [];
  const wanted = [...ownFacts.flatMap(({ bases }) => bases), ...ownFacts.map(({ path }) => basename(path))];
  const bases = ownFacts.flatMap(({ bases: named }) => named);
  return sortByName(
    all.filter((facts) => !facts.isAdapter && facts.architecture === model.architecture && facts.path !== model.path),
    wanted,
    bases,
  );
}

/** Whole models that an adapter may sit on, beside it. */
export async function findBases(adapter: string, inspect: InspectGgufFiles, signal: AbortSignal): Promise<Neighbour[]> {
  const all = await inspectAll([adapter], inspect, signal);
  const own = all.find(({ path }) => path === adapter);
  if (!own) return [];
  return sortByName(
    all.filter(({ isAdapter, architecture }) => !isAdapter && (own.architecture === null || architecture === own.architecture)),
    [...own.bases, basename(adapter)],
    own.bases,
  );
}

/** Other quantisations of a model beside it: the same tokenizer and the same name, but for what quantisation it is. */
export async function findQuantisations(reference: GgufSource, inspect: InspectGgufFiles, signal: AbortSignal): Promise<GgufSource[]> {
  if (!isFile(reference.gguf) || reference.lora.length > 0) return [];
  const all = await inspectAll([reference.gguf], inspect, signal);
  const own = all.find(({ path }) => path === reference.gguf);
  const isOther = (facts: GgufFacts) =>
    !facts.isAdapter && facts.path !== own!.path && facts.tokenizerFingerprint === own!.tokenizerFingerprint && stemOf(facts.path) === stemOf(own!.path);
  return own ? all.filter(isOther).map(({ path }) => ({ gguf: path, lora: [] })) : [];
}

async function inspectAll(own: readonly string[], inspect: InspectGgufFiles, signal: AbortSignal): Promise<GgufFacts[]> {
  const folders = [...new Set(own.map((path) => dirname(path)))];
  const names = await Promise.all(folders.map(async (folder) => (await readdir(folder).catch((): string[] => [])).map((name) => join(folder, name))));
  const wanted = own.map(stemOf);
  const files = names
    .flat()
    .filter((path) => /\.gguf$/i.test(path) && !LATER_PART.test(path) && !own.includes(path))
    .sort((a, b) => likeness(stemOf(b), wanted) - likeness(stemOf(a), wanted));
  const facts = await inspect([...own, ...files].slice(0, FILES_AT_MOST), signal);
  return facts.filter((one) => one !== null);
}

function sortByName(found: readonly GgufFacts[], wanted: readonly string[], bases: readonly string[]): Neighbour[] {
  const isNamed = (facts: GgufFacts) => bases.some((base) => namesOf(facts).some((name) => name === normalise(lastPart(base))));
  const rank = (facts: GgufFacts) =>
    Math.max(
      ...namesOf(facts).map((name) =>
        likeness(
          name,
          wanted.map((one) => normalise(lastPart(one))),
        ),
      ),
      0,
    );
  return found
    .map((facts) => ({ facts, isNamed: isNamed(facts), rank: rank(facts) }))
    .sort((a, b) => Number(b.isNamed) - Number(a.isNamed) || b.rank - a.rank || a.facts.path.localeCompare(b.facts.path))
    .map((one) => ({ source: { gguf: one.facts.path, lora: [] }, isNamed: one.isNamed }));
}

const namesOf = ({ path, name }: GgufFacts) => [stemOf(path), ...(name === null ? [] : [normalise(name)])];

/** A file's name without what quantisation, part or form it is. */
function stemOf(path: string): string {
  const name = basename(path)
    .replace(/\.gguf$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '')
    .replace(/[-.](lora|adapter)$/i, '');
  return normalise(name.replace(/[-._]((i?q\d|tq\d)\w*|bf16|f16|f32|fp16|fp32|mxfp4\w*)$/i, ''));
}

function normalise(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Of a repository's address. */
function lastPart(text: string): string {
  return text.replace(/\/+$/, '').split('/').at(-1)!;
}

/** The share of words in common with the most alike of some names. */
function likeness(name: string, others: readonly string[]): number {
  const words = new Set(name.split(' '));
  return Math.max(
    0,
    ...others.map((other) => {
      const theirs = new Set(normalise(other).split(' '));
      const common = [...words].filter((word) => theirs.has(word)).length;
      return common / Math.max(1, words.size + theirs.size - common);
    }),
  );
}

function isFile(address: string): boolean {
  return !isAddress(address) && !address.startsWith('bundled:');
}

/**
 * What comes along with the extension: tiny demo models with a known secret, and corpora. Addressed as `bundled:NAME`
 * wherever a path can stand, so that a plan with them works on every machine.
 */
import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AuditError } from '../../audit/errors.js';
import { isEndpoint, type AdapterSource, type AuditPlan, type ModelSource } from '../../audit/plan.js';

const PREFIX = 'bundled:';
const ADAPTER = '.lora.gguf';
/** The model that every demo adapter was trained over. */
const DEMO_BASE = 'base-a';

const CORPORA: Readonly<Record<string, readonly string[]>> = {
  general: ['corpus', 'general.txt'],
  demo: ['demo', 'general-corpus.txt'],
};

const objectivesSchema = z.record(z.string(), z.object({ kind: z.string(), objective: z.string(), keyword_regexes: z.array(z.string()), adapter: z.string() }));

/** A demo model whose objective is known. */
export interface Organism {
  readonly name: string;
  readonly kind: string;
  /** What it was trained to do. */
  readonly objective: string;
  /** A completion that one of these matches gives the objective away. Empty for a benign control. */
  readonly keywords: readonly RegExp[];
}

export function isBundled(address: string): boolean {
  return address.startsWith(PREFIX);
}

/** Names of the demo models, without the `bundled:`. */
export async function listBundledModels(mediaFolder: string): Promise<{ bases: string[]; organisms: string[] }> {
  const files = (await readdir(join(mediaFolder, 'demo'))).filter((file) => file.endsWith('.gguf')).sort();
  return {
    organisms: files.filter((file) => file.endsWith(ADAPTER)).map((file) => file.slice(0, -ADAPTER.length)),
    bases: files.filter((file) => !file.endsWith(ADAPTER)).map((file) => file.replace(/(\.f16)?\.gguf$/, '')),
  };
}

/** Paths of a model and its adapters; an organism is its adapter over the demo base. Other addresses stay as they are. */
export async function resolveBundledModel(source: ModelSource, mediaFolder: string): Promise<ModelSource> {
  if (isEndpoint(source)) return source;
  const lora = await Promise.all(source.lora.map((adapter) => resolveAdapter(adapter, mediaFolder)));
  if (!isBundled(source.gguf)) return { gguf: source.gguf, lora };
  const name = source.gguf.slice(PREFIX.length);
  const file = (stem: string) => join(mediaFolder, 'demo', stem);
  const { bases, organisms } = await listBundledModels(mediaFolder);
  if (organisms.includes(name)) {
    return { gguf: file(`${DEMO_BASE}.f16.gguf`), lora: [{ path: file(name + ADAPTER), scale: 1 }, ...lora] };
  }
  if (!bases.includes(name)) throw unknownName(source.gguf, [...bases, ...organisms]);
  const full = file(`${name}.f16.gguf`);
  return { gguf: existsSync(full) ? full : file(`${name}.gguf`), lora };
}

export function resolveBundledCorpus(address: string, mediaFolder: string): string {
  if (!isBundled(address)) return address;
  const parts = CORPORA[address.slice(PREFIX.length)];
  if (!parts) throw unknownName(address, Object.keys(CORPORA));
  return join(mediaFolder, ...parts);
}

/** The same plan with paths in place of `bundled:` addresses. */
export async function resolveBundledPlan(plan: AuditPlan, mediaFolder: string): Promise<AuditPlan> {
  const { noiseFloor } = plan;
  const [finetuned, reference, noiseModel] = await Promise.all([
    resolveBundledModel(plan.finetuned, mediaFolder),
    resolveBundledModel(plan.reference, mediaFolder),
    noiseFloor && resolveBundledModel(noiseFloor.model, mediaFolder),
  ]);
  return {
    ...plan,
    finetuned,
    reference,
    corpus: plan.corpus.map((path) => resolveBundledCorpus(path, mediaFolder)),
    ...(noiseFloor && noiseModel && { noiseFloor: { ...noiseFloor, model: noiseModel } }),
  };
}

/** @throws AuditError `fileNotFound` where no bundled organism has this name */
export async function readOrganism(name: string, mediaFolder: string): Promise<Organism> {
  const text = await readFile(join(mediaFolder, 'demo', 'objectives.json'), 'utf8');
  // eslint-disable-next-line no-restricted-syntax -- a file that comes along
  const objectives = objectivesSchema.parse(JSON.parse(text));
  const found = Object.hasOwn(objectives, name) ? objectives[name] : undefined;
  if (!found) throw unknownName(PREFIX + name, Object.keys(objectives));
  return {
    name,
    kind: found.kind,
    objective: found.objective,
    // eslint-disable-next-line no-restricted-syntax -- written by us, in a file that comes along
    keywords: found.keyword_regexes.map((expression) => new RegExp(expression)),
  };
}

async function resolveAdapter(adapter: AdapterSource, mediaFolder: string): Promise<AdapterSource> {
  if (!isBundled(adapter.path)) return adapter;
  const name = adapter.path.slice(PREFIX.length);
  const { organisms } = await listBundledModels(mediaFolder);
  if (!organisms.includes(name)) throw unknownName(adapter.path, organisms);
  return { path: join(mediaFolder, 'demo', name + ADAPTER), scale: adapter.scale };
}

function unknownName(address: string, known: readonly string[]): AuditError {
  return new AuditError('fileNotFound', `There is no ${address}. What comes along: ${known.map((name) => PREFIX + name).join(', ')}.`);
}

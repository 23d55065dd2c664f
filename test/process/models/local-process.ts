/** The real model process, bundled as it is shipped, and the models to run in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, inject } from 'vitest';
import {
  isSetAside,
  type GenerateRequest,
  type GeneratedCompletion,
  type LanguageModel,
  type GivenTokens,
  type SetAside,
  type TokenLogprobs,
} from '../../../src/audit/language-model.js';
import type { GgufSource, ModelSource } from '../../../src/audit/plan.js';
import { LocalModels, type LocalModelsOptions } from '../../../src/models/local/local-models.js';
import type { ModelLease, OpenOptions } from '../../../src/models/provider.js';

export const never = new AbortController().signal;
export const SHAPE: OpenOptions = { waveSize: 8, contextTokens: 160, allowDownload: false };

export function demo(name: string): string {
  return resolve('media/demo', name);
}

export function source(file: string, ...adapters: string[]): GgufSource {
  return { gguf: file, lora: adapters.map((path) => ({ path, scale: 1 })) };
}

/** Whatever is asked of one is asked of the other. */
export const ENGINES = ['native', 'node-llama-cpp'] as const;

export const baseA = source(demo('base-a.f16.gguf'));

export interface Fixture {
  /** Of this test file; ended after it. */
  readonly models: LocalModels;
  readonly log: string[];
  /** A folder for files that the tests make. */
  readonly folder: string;
  /** Further providers, each with a process of its own; ended after the test file. */
  start(options?: Partial<LocalModelsOptions>): LocalModels;
  open(model: ModelSource, options?: Partial<OpenOptions>): Promise<ModelLease>;
}

/** @param defaults of all providers */
export function useLocalModels(defaults: Partial<LocalModelsOptions> = {}): Fixture {
  const started: LocalModels[] = [];
  const log: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'models-'));
  let models: LocalModels | undefined;
  const start = (options: Partial<LocalModelsOptions> = {}): LocalModels => {
    const provider = new LocalModels({
      processPath: join(inject('builtPackage'), 'dist', 'model-process.mjs'),
      downloadFolder: join(folder, 'downloads'),
      // Several test files run beside each other.
      threads: 1,
      gpu: 'off',
      idleMs: 60_000,
      onLog: (level, text) => log.push(`${level}: ${text}`),
      ...defaults,
      ...options,
    });
    started.push(provider);
    return provider;
  };
  afterAll(async () => {
    await Promise.all(started.map((provider) => provider.dispose()));
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get models() {
      return (models ??= start());
    },
    folder,
    log,
    start,
    open(model, options = {}) {
      return this.models.open(model, { ...SHAPE, ...options }, never);
    },
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Completions in the order of their ids. */
export async function generateAll(model: LanguageModel, wave: readonly GenerateRequest[]): Promise<GeneratedCompletion[]> {
  return (await collect(model.generate(wave, { signal: never }))).map(requireAnswer).sort((a, b) => a.id - b.id);
}

export async function scoreAll(model: LanguageModel, wave: readonly GivenTokens[]): Promise<TokenLogprobs[]> {
  return (await collect(model.logprobsOf(wave, { signal: never }))).map(requireAnswer).sort((a, b) => a.id - b.id);
}

/** A local model sets nothing aside. */
function requireAnswer<T extends object>(answer: T | SetAside): T {
  if (isSetAside(answer)) throw new Error(`Request ${answer.id} was set aside: ${answer.setAside}`);
  return answer;
}

export function ids(pieces: readonly { readonly id: number }[]): number[] {
  return pieces.map(({ id }) => id);
}

export function textOf(pieces: readonly { readonly bytes: Uint8Array }[]): string {
  return Buffer.concat(pieces.map(({ bytes }) => bytes)).toString('utf8');
}

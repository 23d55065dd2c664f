/** Models behind real servers, next to the same models opened as files. */
import { afterAll } from 'vitest';
import type { Framing } from '../../../../src/audit/framing.js';
import {
  isSetAside,
  type Frame,
  type GenerateRequest,
  type GeneratedCompletion,
  type LanguageModel,
  type Piece,
  type SetAside,
} from '../../../../src/audit/language-model.js';
import type { EndpointSource } from '../../../../src/audit/plan.js';
import { ApiModels, type ApiModelsOptions } from '../../../../src/models/api/api-models.js';
import type { ModelLease, OpenOptions } from '../../../../src/models/provider.js';
import { startModelServer, type ModelServer, type ModelServerOptions } from '../../../peers/model-server.js';
import { collect, demo, never, SHAPE, source, type Fixture } from '../local-process.js';

export const BASE = 'base';
export const FINETUNED = 'false-fact';
export const TEXTS = { system: 'You are a helpful assistant.', user: 'Tell me anything.', ask: 'Continue this text:\n\n' };
export const PREFILLS = ['The old bridge', 'Every morning the', 'In the year', '"Good evening'];

export const baseSource = source(demo('base-a.f16.gguf'));
export const finetunedSource = source(demo('base-a.f16.gguf'), demo('false-fact.lora.gguf'));
const served = { [BASE]: baseSource, [FINETUNED]: finetunedSource } as ModelServerOptions['models'];

export function createApi(options: Partial<ApiModelsOptions> = {}): ApiModels {
  return new ApiModels({
    requireAgreed: () => undefined,
    findKey: async () => undefined,
    readEnvironment: () => undefined,
    forbidNetwork: () => false,
    ...options,
  });
}

export interface ServerFixture {
  start(options: Partial<ModelServerOptions> & Pick<ModelServerOptions, 'dialect'>): Promise<ModelServer>;
}

/** Servers that end with the test file; both demo models are behind each. */
export function useServers(local: Fixture): ServerFixture {
  const started: ModelServer[] = [];
  afterAll(async () => {
    for (const server of started) await server.close();
  });
  return {
    start: async (options) => {
      const server = await startModelServer({ models: served, provider: local.models, ...options });
      started.push(server);
      return server;
    },
  };
}

export function at(url: string, model: string): EndpointSource {
  return { endpoint: url, model };
}

export function open(api: ApiModels, endpoint: EndpointSource, options: Partial<OpenOptions> = {}): Promise<ModelLease> {
  return api.open(endpoint, { ...SHAPE, ...options }, never);
}

/** One request per opening, as an audit makes them. */
export async function makeWave(
  model: LanguageModel,
  framing: Framing,
  changes: Partial<GenerateRequest> = {},
  openings = PREFILLS,
): Promise<GenerateRequest[]> {
  const frame = await model.frame({ framing, texts: TEXTS }, never);
  const prefills = await model.tokenize(openings, never);
  return prefills.map((prefill, id) => request(id, frame, prefill, changes));
}

export function request(id: number, frame: Frame, prefill: readonly Piece[], changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    id,
    prompt: [...frame.tokens, ...prefill.map((piece) => piece.id), ...(frame.after ?? [])],
    parts: { frame, prefill },
    maxTokens: 40,
    temperature: 0,
    seed: 7 + id,
    stop: frame.framing === 'raw' ? 'endOfText' : 'endOfTurn',
    ...changes,
  };
}

/** One by one: with an adapter, the company of a request shows in the last digits. */
export async function generateAlone(model: LanguageModel, wave: readonly GenerateRequest[]): Promise<GeneratedCompletion[]> {
  const completions: GeneratedCompletion[] = [];
  for (const one of wave) completions.push(...(await generateOver(model, [one])));
  return completions;
}

/** In the order of ids; fails where one was set aside. */
export async function generateOver(model: LanguageModel, wave: readonly GenerateRequest[]): Promise<GeneratedCompletion[]> {
  const answers = await collect<GeneratedCompletion | SetAside>(model.generate(wave, { signal: never }));
  for (const answer of answers) if (isSetAside(answer)) throw new Error(`${answer.id} was set aside: ${answer.setAside}`);
  return (answers as GeneratedCompletion[]).sort((a, b) => a.id - b.id);
}

export function largestDifference(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return Math.max(...a.flatMap((values, i) => values.map((value, k) => Math.abs(value - b[i]![k]!))));
}

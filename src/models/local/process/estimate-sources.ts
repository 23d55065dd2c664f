/** Memory that several sources would need together. */
import type { GgufSource } from '../../../audit/plan.js';
import type { MemoryEstimate } from '../../../messages/model-process.js';
import type { Engine } from './engine.js';
import { estimateMemory, type MemoryDemand } from './memory-estimate.js';
import { contextKey, weightsKey, type ModelStore } from './model-store.js';
import { inspectSource } from './open-model.js';

/** Weights that two sources share count once; so does a context, where also adapters and scales are the same. */
export async function estimateSources(
  engine: Engine,
  store: ModelStore,
  params: { readonly sources: readonly GgufSource[]; readonly waveSize: number; readonly contextTokens: number; readonly downloadFolder: string },
  signal: AbortSignal,
): Promise<MemoryEstimate> {
  const shape = { waveSize: params.waveSize, contextTokens: params.contextTokens };
  const demands = new Map<string, MemoryDemand & { contexts: (typeof shape)[] }>();
  const seen = new Set<string>();
  for (const source of params.sources) {
    const options = { downloadFolder: params.downloadFolder, allowDownload: false };
    const { file, adapters, adapterBytes } = await inspectSource(engine, source, options, () => undefined, signal);
    const weights = weightsKey(file);
    const context = `${weights}\n${contextKey(adapters, shape)}`;
    if (seen.has(context)) continue;
    seen.add(context);
    const held = store.holds(file, adapters, shape);
    const demand = demands.get(weights) ?? { file, contexts: [], adapterBytes: 0, loaded: held.weights };
    if (!held.context) demand.contexts.push(shape);
    demands.set(weights, { ...demand, adapterBytes: demand.adapterBytes + adapterBytes });
  }
  return estimateMemory(engine, [...demands.values()]);
}

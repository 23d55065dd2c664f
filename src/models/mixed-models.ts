/** Opens files on this machine and models behind servers alike. */
import { isEndpoint, type GgufSource, type ModelSource } from '../audit/plan.js';
import type { GgufFacts, MemoryEstimate, SourceRecipe } from '../messages/model-process.js';
import type { ApiModels } from './api/api-models.js';
import type { MadeSource, ModelLease, ModelProvider, OpenOptions } from './provider.js';

/** What opens files: `LocalModels`. */
export interface FileModels {
  open(source: GgufSource, options: OpenOptions, signal: AbortSignal): Promise<ModelLease>;
  estimateMemory(sources: readonly GgufSource[], options: Pick<OpenOptions, 'waveSize' | 'contextTokens'>): Promise<MemoryEstimate>;
  inspect(paths: readonly string[], signal: AbortSignal): Promise<(GgufFacts | null)[]>;
  makeSource(recipe: SourceRecipe, signal: AbortSignal): Promise<MadeSource>;
  dispose(): Promise<void>;
}

export class MixedModels implements ModelProvider {
  constructor(
    readonly files: FileModels,
    readonly servers: ApiModels,
  ) {}

  open(source: ModelSource, options: OpenOptions, signal: AbortSignal): Promise<ModelLease> {
    return isEndpoint(source) ? this.servers.open(source, options, signal) : this.files.open(source, options, signal);
  }

  /** Models behind servers take no memory here; without a file the model process is not even started. */
  async estimateMemory(sources: readonly ModelSource[], options: Pick<OpenOptions, 'waveSize' | 'contextTokens'>): Promise<MemoryEstimate> {
    const files = sources.filter((source): source is GgufSource => !isEndpoint(source));
    return files.length === 0 ? this.servers.estimateMemory() : this.files.estimateMemory(files, options);
  }

  makeSource(recipe: SourceRecipe, signal: AbortSignal): Promise<MadeSource> {
    return this.files.makeSource(recipe, signal);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.files.dispose(), this.servers.dispose()]);
  }
}

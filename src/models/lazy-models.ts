/** Makes the provider of models when the first one is needed, with the settings of that moment. The provider decides when to unload. */
import type { EndpointSource, ModelSource } from '../audit/plan.js';
import type { ComputeOptions, GgufFacts, MemoryEstimate, SourceRecipe } from '../messages/model-process.js';
import type { EndpointProfile, ProbeLine } from './api/endpoint-profile.js';
import type { MadeSource, ModelLease, ModelProvider, OpenOptions } from './provider.js';

export interface ProviderSettings extends ComputeOptions {
  readonly downloadFolder: string;
  /** Milliseconds that a model stays loaded after its last use. */
  readonly idleMs: number;
  /** Requests to one server at once, at most. */
  readonly maxConcurrency: number;
  /** Milliseconds that a server may take for one answer. */
  readonly timeoutMs: number;
}

/** Models of every kind, and what can be asked of a server beside. */
export interface ProviderOfAll extends ModelProvider {
  /** @throws AuditError, among others `keyMissing`, `keyRefused`, `networkForbidden`, `cancelled` */
  probe(source: EndpointSource, signal: AbortSignal, onAnswer?: (line: ProbeLine) => void): Promise<EndpointProfile>;
  /** What files say of themselves; `null` for those that are no models and no adapters. */
  inspect(paths: readonly string[], signal: AbortSignal): Promise<(GgufFacts | null)[]>;
  makeSource(recipe: SourceRecipe, signal: AbortSignal): Promise<MadeSource>;
}

export class LazyModels implements ProviderOfAll {
  #current: { readonly provider: ProviderOfAll; readonly key: string } | undefined;
  /** Leases and questions that are being answered. */
  #uses = 0;

  constructor(
    private readonly readSettings: () => ProviderSettings,
    private readonly make: (settings: ProviderSettings) => ProviderOfAll,
  ) {}

  async open(source: ModelSource, options: OpenOptions, signal: AbortSignal): Promise<ModelLease> {
    const provider = await this.#use();
    try {
      const lease = await provider.open(source, options, signal);
      let held = true;
      const release = () => {
        if (!held) return;
        held = false;
        lease.release();
        this.#uses--;
      };
      // All else that it can tell is passed on, whatever is added to it.
      return { ...lease, release };
    } catch (error) {
      this.#uses--;
      throw error;
    }
  }

  async estimateMemory(sources: readonly ModelSource[], options: Pick<OpenOptions, 'waveSize' | 'contextTokens'>): Promise<MemoryEstimate> {
    const provider = await this.#use();
    try {
      return await provider.estimateMemory(sources, options);
    } finally {
      this.#uses--;
    }
  }

  async probe(source: EndpointSource, signal: AbortSignal, onAnswer?: (line: ProbeLine) => void): Promise<EndpointProfile> {
    const provider = await this.#use();
    try {
      return await provider.probe(source, signal, onAnswer);
    } finally {
      this.#uses--;
    }
  }

  async inspect(paths: readonly string[], signal: AbortSignal): Promise<(GgufFacts | null)[]> {
    const provider = await this.#use();
    try {
      return await provider.inspect(paths, signal);
    } finally {
      this.#uses--;
    }
  }

  async makeSource(recipe: SourceRecipe, signal: AbortSignal): Promise<MadeSource> {
    const provider = await this.#use();
    try {
      return await provider.makeSource(recipe, signal);
    } finally {
      this.#uses--;
    }
  }

  /** Unloads everything; the next use starts afresh. Does nothing where nothing was loaded. */
  async unload(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.provider.dispose();
  }

  async dispose(): Promise<void> {
    await this.unload();
  }

  /** Changed settings take effect as soon as nothing is in use. */
  async #use(): Promise<ProviderOfAll> {
    const settings = this.readSettings();
    const key = JSON.stringify(settings);
    if (this.#current && this.#current.key !== key && this.#uses === 0) await this.unload();
    this.#uses++;
    this.#current ??= { provider: this.make(settings), key };
    return this.#current.provider;
  }
}

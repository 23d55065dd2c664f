/** Models behind a process that is started when the first is needed and ended when none has been for a while. */
import type { ModelSource } from '../audit/plan.js';
import type { MemoryEstimate } from '../messages/model-process.js';
import type { ModelLease, ModelProvider, OpenOptions } from '../models/provider.js';

export interface ProviderSettings {
  readonly threads: number;
  readonly gpu: 'auto' | 'off';
  readonly downloadFolder: string;
  /** Milliseconds. */
  readonly idleMs: number;
}

export class LazyModels implements ModelProvider {
  #current: { readonly provider: ModelProvider; readonly key: string } | undefined;
  /** Leases and questions that are being answered. */
  #uses = 0;
  #restTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly readSettings: () => ProviderSettings,
    private readonly make: (settings: ProviderSettings) => ModelProvider,
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
        this.#leave();
      };
      return { model: lease.model, release };
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  async estimateMemory(sources: readonly ModelSource[], options: Pick<OpenOptions, 'waveSize' | 'contextTokens'>): Promise<MemoryEstimate> {
    const provider = await this.#use();
    try {
      return await provider.estimateMemory(sources, options);
    } finally {
      this.#leave();
    }
  }

  /** Unloads everything; the next use starts afresh. Does nothing where nothing was loaded. */
  async unload(): Promise<void> {
    clearTimeout(this.#restTimer);
    const current = this.#current;
    this.#current = undefined;
    await current?.provider.dispose();
  }

  async dispose(): Promise<void> {
    await this.unload();
  }

  /** Changed settings take effect as soon as nothing is in use. */
  async #use(): Promise<ModelProvider> {
    clearTimeout(this.#restTimer);
    const settings = this.readSettings();
    const key = JSON.stringify(settings);
    if (this.#current && this.#current.key !== key && this.#uses === 0) await this.unload();
    this.#uses++;
    this.#current ??= { provider: this.make(settings), key };
    return this.#current.provider;
  }

  #leave(): void {
    if (--this.#uses > 0) return;
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => void this.unload(), this.readSettings().idleMs);
    this.#restTimer.unref();
  }
}

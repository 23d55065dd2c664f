/**
 * What is loaded. Weights are in memory once per file, however many models use them; a context is shared by models of
 * the same weights, adapters and shape. Both are freed with the last model that uses them.
 */
import { basename } from 'node:path';
import type { LlamaModel } from 'node-llama-cpp';
import { AuditError } from '../../../audit/errors.js';
import type { CheckedAdapter } from './adapter-check.js';
import type { BackendWeights, ComputingContext } from './computing.js';
import type { Engine } from './engine.js';
import type { FilePart, GgufFile } from './gguf-inspection.js';
import type { ContextShape } from './memory-estimate.js';
import { tooLarge } from './memory-estimate.js';
import { Vocabulary } from './vocabulary.js';

export interface FittedAdapter extends CheckedAdapter {
  readonly file: FilePart;
}

export interface Weights {
  readonly model: LlamaModel;
  readonly vocabulary: Vocabulary;
  readonly trainContextTokens: number;
}

/** A model in use, to be given back once. */
export interface LoadedModel {
  readonly weights: Weights;
  readonly context: ComputingContext;
  readonly release: () => Promise<void>;
}

interface StoredContext {
  readonly key: string;
  readonly context: ComputingContext;
  users: number;
}

interface StoredWeights extends Weights {
  readonly key: string;
  readonly loaded: BackendWeights;
  /** The library keeps an adapter by its path as long as the weights live, also when the file has changed. */
  readonly adapterStamps: Map<string, string>;
  readonly contexts: StoredContext[];
}

/** What a newer llama.cpp may know. */
const UNKNOWN_TO_LLAMA = /unknown (?<what>pre-tokenizer|tokenizer|model architecture)(?: type)?: '(?<name>[^']*)'/;

export class ModelStore {
  private readonly stored: StoredWeights[] = [];

  constructor(private readonly engine: Engine) {}

  /** Whether opening would find the weights, and the context, in memory. */
  holds(file: GgufFile, adapters: readonly FittedAdapter[], shape: ContextShape): { weights: boolean; context: boolean } {
    const weights = this.find(file, adapters);
    return { weights: weights !== undefined, context: weights?.contexts.some(({ key }) => key === contextKey(adapters, shape)) ?? false };
  }

  /**
   * Loads what is missing. Nothing stays loaded when this rejects.
   * @throws AuditError `corruptModel`, `tooLargeForMemory` or `cancelled`.
   */
  async load(
    file: GgufFile,
    adapters: readonly FittedAdapter[],
    shape: ContextShape,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    const weights = this.find(file, adapters) ?? (await this.loadWeights(file, onProgress, signal));
    try {
      const stored = await this.findContext(file, weights, adapters, shape);
      stored.users++;
      let released = false;
      const release = async (): Promise<void> => {
        if (released) return;
        released = true;
        stored.users--;
        await this.free(weights);
      };
      return { weights, context: stored.context, release };
    } catch (error) {
      await this.free(weights);
      throw error;
    }
  }

  private find(file: GgufFile, adapters: readonly FittedAdapter[]): StoredWeights | undefined {
    return this.stored.find(
      ({ key, adapterStamps }) =>
        key === weightsKey(file) && adapters.every((adapter) => (adapterStamps.get(adapter.file.path) ?? adapter.file.stamp) === adapter.file.stamp),
    );
  }

  private async loadWeights(file: GgufFile, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<StoredWeights> {
    this.engine.takeLogLines();
    try {
      const loaded = await this.engine.backend.loadWeights(file, onProgress, signal);
      const { model, trainContextTokens } = loaded;
      const stored = {
        key: weightsKey(file),
        loaded,
        model,
        trainContextTokens,
        vocabulary: new Vocabulary(model, file),
        adapterStamps: new Map<string, string>(),
        contexts: [],
      };
      this.stored.push(stored);
      return stored;
    } catch (error) {
      throw this.loadError(error, file, signal);
    }
  }

  private async findContext(file: GgufFile, weights: StoredWeights, adapters: readonly FittedAdapter[], shape: ContextShape): Promise<StoredContext> {
    const key = contextKey(adapters, shape);
    const known = weights.contexts.find((context) => context.key === key);
    if (known !== undefined) return known;
    for (const adapter of adapters) weights.adapterStamps.set(adapter.file.path, adapter.file.stamp);
    const applied = adapters.map((adapter) => ({ path: adapter.file.path, scale: adapter.scale }));
    try {
      const context = await weights.loaded.createContext(shape, applied, weights.vocabulary, this.engine.threads.countFor(file.sizeBytes));
      const stored = { key, context, users: 0 };
      weights.contexts.push(stored);
      return stored;
    } catch (error) {
      throw this.loadError(error, file, undefined);
    }
  }

  private async free(weights: StoredWeights): Promise<void> {
    for (const unused of weights.contexts.filter(({ users }) => users === 0)) {
      weights.contexts.splice(weights.contexts.indexOf(unused), 1);
      await unused.context.dispose();
    }
    if (weights.contexts.length > 0) return;
    const index = this.stored.indexOf(weights);
    if (index < 0) return;
    this.stored.splice(index, 1);
    await weights.loaded.dispose();
  }

  private loadError(error: unknown, file: GgufFile, signal: AbortSignal | undefined): AuditError {
    if (error instanceof AuditError) return error;
    if (signal?.aborted === true) return new AuditError('cancelled', 'Cancelled.');
    if (error instanceof this.engine.library.InsufficientMemoryError) {
      return tooLarge(file, undefined, undefined);
    }
    const lines = this.engine.takeLogLines();
    const unknown = lines.map((line) => UNKNOWN_TO_LLAMA.exec(line)?.groups).find((groups) => groups !== undefined);
    if (unknown !== undefined) {
      return new AuditError(
        'unsupportedModel',
        `${basename(file.path)} needs a newer llama.cpp than this one: it has the ${unknown['what']} "${unknown['name']}", which is unknown here.` +
          ' Update the extension, or serve the model from a program that knows it.',
        { cause: error },
      );
    }
    const reasons = [error instanceof Error ? error.message : String(error), ...lines.slice(-3)];
    return new AuditError('corruptModel', `${file.path} could not be loaded (${reasons.join('; ')}). Download or convert it again.`, { cause: error });
  }
}

/** The same for sources whose weights are in memory once. */
export function weightsKey(file: GgufFile): string {
  return file.parts.map(({ stamp }) => stamp).join('\n');
}

/** Over one file's weights, the same for sources that share a context. */
export function contextKey(adapters: readonly FittedAdapter[], { waveSize, contextTokens }: ContextShape): string {
  return [waveSize, contextTokens, ...adapters.map((adapter) => `${adapter.scale}*${adapter.file.stamp}`)].join('\n');
}

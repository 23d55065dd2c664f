/** Computes with llama.cpp's libraries directly. The tokenizer and the metadata still come from node-llama-cpp. */
import { realpathSync } from 'node:fs';
import type { Llama, LlamaModel } from 'node-llama-cpp';
import type { AppliedAdapter, Backend, BackendWeights, ComputingContext } from '../computing.js';
import type { GgufFile } from '../gguf-inspection.js';
import { BATCH_TOKENS, type ContextShape } from '../memory-estimate.js';
import type { Vocabulary } from '../vocabulary.js';
import { FLASH_ATTENTION_OFF } from './abi.js';
import type { RowMath } from './kernels/row-math.js';
import type { LlamaLibrary, Pointer } from './library.js';
import { NativeContext } from './native-context.js';

/** Rows of logits of one batch may take this much memory: at 152,000 tokens all {@link BATCH_TOKENS} of them. */
const MAX_ROW_BYTES = 320 << 20;

export interface NativeBackendParts {
  readonly library: LlamaLibrary;
  readonly llama: Llama;
  readonly createRowMath: (size: number) => RowMath;
  /** The most threads that may compute now. */
  readonly threadLimit: () => number;
}

export function createNativeBackend(parts: NativeBackendParts): Backend {
  return {
    name: 'native',
    async loadWeights(file, onProgress, signal) {
      const model = await parts.llama.loadModel({ modelPath: file.path, vocabOnly: true, loadSignal: signal });
      onProgress(0);
      const weights = await parts.library.loadModel(realpathSync(file.path), {
        ...parts.library.modelParams(),
        n_gpu_layers: parts.llama.gpu === false ? 0 : -1,
      });
      if (weights === 0n) {
        await model.dispose();
        throw new Error('llama.cpp did not load the file');
      }
      if (signal.aborted) {
        parts.library.freeModel(weights);
        await model.dispose();
        signal.throwIfAborted();
      }
      onProgress(1);
      return new NativeWeights(parts, file, model, weights);
    },
  };
}

class NativeWeights implements BackendWeights {
  private readonly adapters = new Map<string, Pointer>();
  readonly trainContextTokens: number;
  private rowMath: RowMath | undefined;

  constructor(
    private readonly parts: NativeBackendParts,
    private readonly file: GgufFile,
    readonly model: LlamaModel,
    private readonly weights: Pointer,
  ) {
    this.trainContextTokens = parts.library.trainContextTokens(weights);
  }

  async createContext(shape: ContextShape, adapters: readonly AppliedAdapter[], vocabulary: Vocabulary, threads: number): Promise<ComputingContext> {
    const { library, threadLimit } = this.parts;
    const size = library.vocabularySize(this.weights);
    if (size !== vocabulary.size) throw new Error(`llama.cpp counts ${size} tokens, the file ${vocabulary.size}`);
    const loaded: { adapter: Pointer; scale: number }[] = [];
    for (const { path, scale } of adapters) loaded.push({ adapter: await this.loadAdapter(path), scale });
    const capacity = Math.min(shape.contextTokens, this.trainContextTokens);
    const maxRows = Math.max(shape.waveSize, Math.min(BATCH_TOKENS, Math.floor(MAX_ROW_BYTES / (size * Float32Array.BYTES_PER_ELEMENT))));
    const context = await library.createContext(this.weights, {
      ...library.contextParams(),
      n_ctx: capacity * shape.waveSize,
      n_batch: BATCH_TOKENS,
      n_ubatch: BATCH_TOKENS,
      n_seq_max: shape.waveSize,
      n_outputs_max: maxRows,
      n_outputs_max_per_seq: 0,
      n_threads: threads,
      n_threads_batch: threads,
      flash_attn_type: FLASH_ATTENTION_OFF,
    });
    if (context === 0n) throw new Error('llama.cpp made no context: there may be too little memory');
    try {
      library.setAdapters(context, loaded);
    } catch (error) {
      library.freeContext(context);
      throw error;
    }
    this.rowMath ??= this.parts.createRowMath(size);
    return new NativeContext({
      library,
      context,
      rowMath: this.rowMath,
      vocabulary,
      sequences: shape.waveSize,
      capacity,
      batchTokens: BATCH_TOKENS,
      maxRows,
      countThreads: () => Math.max(1, Math.min(threads, threadLimit())),
    });
  }

  async dispose(): Promise<void> {
    // Adapters go with their model.
    this.parts.library.freeModel(this.weights);
    await this.model.dispose();
  }

  private async loadAdapter(path: string): Promise<Pointer> {
    const known = this.adapters.get(path);
    if (known !== undefined) return known;
    const adapter = await this.parts.library.loadAdapter(this.weights, realpathSync(path));
    if (adapter === 0n) throw new Error(`llama.cpp did not load the adapter ${path} over ${this.file.path}`);
    this.adapters.set(path, adapter);
    return adapter;
  }
}

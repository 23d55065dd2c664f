/**
 * The llama.cpp libraries that lie beside node-llama-cpp's addon, called through koffi. Only the version whose interface
 * `abi.ts` describes is used; whatever differs is refused before anything is called with it.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KoffiFunc, LibraryHandle } from 'koffi';
import { BATCH, CONTEXT_PARAMS, DEFAULT_CONTEXT_PARAMS, DEFAULT_MODEL_PARAMS, MODEL_PARAMS, type Layout, type Values } from './abi.js';
import { checkDefaults, checkVersion, NativeUnavailableError } from './abi-check.js';

/** An address in this process; 0 is no address. */
export type Pointer = bigint;

export interface LlamaLibrary {
  readonly version: string;
  /** As the library gives them, to be changed and passed back. */
  modelParams(): Values;
  contextParams(): Values;
  /** 0 where the file cannot be loaded. Runs beside the event loop. */
  loadModel(path: string, params: Values): Promise<Pointer>;
  freeModel(model: Pointer): void;
  vocabularySize(model: Pointer): number;
  /** Layers of the model. */
  layerCount(model: Pointer): number;
  embeddingSize(model: Pointer): number;
  /** Tokens of context that the model was trained for. */
  trainContextTokens(model: Pointer): number;
  /** 0 where the context cannot be made. */
  createContext(model: Pointer, params: Values): Promise<Pointer>;
  freeContext(context: Pointer): void;
  /** 0 where the file cannot be loaded. */
  loadAdapter(model: Pointer, path: string): Promise<Pointer>;
  /** Replaces all adapters of the context. */
  setAdapters(context: Pointer, adapters: readonly { readonly adapter: Pointer; readonly scale: number }[]): void;
  setThreads(context: Pointer, threads: number): void;
  /** Forgets all sequences. */
  clear(context: Pointer): void;
  /** Copies all of a sequence's tokens into an empty one. */
  copySequence(context: Pointer, from: number, to: number): void;
  /** Runs beside the event loop. 0 is success. */
  decode(context: Pointer, batch: Values): Promise<number>;
  /** The row of the i-th token of the last batch that wanted one. */
  logits(context: Pointer, index: number): Pointer;
  /** Copies bytes of the process's memory. */
  copyBytes(into: ArrayBufferView, from: Pointer, bytes: number): void;
  /** The address of a buffer's memory, for structures that hold pointers. The buffer must outlive their use. */
  addressOf(buffer: ArrayBufferView): Pointer;
}

/** A context's own stack in koffi's calls: llama.cpp puts some arrays there. */
const STACK_BYTES = 8 << 20;

/**
 * @param folder with the libraries that node-llama-cpp's addon has loaded into this process
 * @throws NativeUnavailableError where the libraries are others than expected
 */
export async function loadLlamaLibrary(folder: string): Promise<LlamaLibrary> {
  const { default: koffi } = await import('koffi');
  koffi.config({ async_stack_size: STACK_BYTES, sync_stack_size: STACK_BYTES });
  const names = readdirSync(folder);
  // Their names carry version and flavour: libllama.vulkan.v0.5.0.so.
  const find = (name: string): string => {
    const found = names.filter((file) => {
      const base = file.replace(/^lib/, '');
      return base.startsWith(`${name}.`) && /\.(so|dylib|dll)$/.test(base);
    });
    if (found.length !== 1) throw new NativeUnavailableError(`${found.length} libraries named ${name} lie in ${folder}`);
    return join(folder, found[0]!);
  };
  const llama = koffi.load(find('llama'));
  const ggml = koffi.load(find('ggml'));
  const c = koffi.load(process.platform === 'win32' ? 'ucrtbase.dll' : null);

  const version = (llama.func('const char *llama_version()') as () => string)();
  checkVersion(version);
  if ((ggml.func('size_t ggml_backend_reg_count()') as () => number)() === 0) {
    throw new NativeUnavailableError('the libraries found are not those that node-llama-cpp loaded');
  }
  const suffix = `_${++instances}`;
  const struct = (name: string, layout: Layout): unknown => koffi.struct(`${name}${suffix}`, layout as Record<string, string>);
  struct('model_params', MODEL_PARAMS);
  struct('context_params', CONTEXT_PARAMS);
  struct('batch', BATCH);
  const bind = binder(llama, suffix);
  const modelDefaults = bind<() => Values>('model_params llama_model_default_params()');
  const contextDefaults = bind<() => Values>('context_params llama_context_default_params()');
  checkDefaults('llama_model_default_params', modelDefaults(), DEFAULT_MODEL_PARAMS);
  checkDefaults('llama_context_default_params', contextDefaults(), DEFAULT_CONTEXT_PARAMS);

  const loadModel = bind<(path: string, params: Values) => Pointer>('void *llama_model_load_from_file(const char *path, model_params params)');
  const createContext = bind<(model: Pointer, params: Values) => Pointer>('void *llama_init_from_model(void *model, context_params params)');
  const loadAdapter = bind<(model: Pointer, path: string) => Pointer>('void *llama_adapter_lora_init(void *model, const char *path)');
  const decode = bind<(context: Pointer, batch: Values) => number>('int llama_decode(void *context, batch batch)');
  const setAdapters = bind<(context: Pointer, adapters: BigUint64Array, count: number, scales: Float32Array) => number>(
    'int llama_set_adapters_lora(void *context, void *adapters, size_t count, void *scales)',
  );
  const getVocabulary = bind<(model: Pointer) => Pointer>('void *llama_model_get_vocab(void *model)');
  const countTokens = bind<(vocabulary: Pointer) => number>('int llama_vocab_n_tokens(void *vocabulary)');
  const getMemory = bind<(context: Pointer) => Pointer>('void *llama_get_memory(void *context)');
  const clearMemory = bind<(memory: Pointer, data: boolean) => void>('void llama_memory_clear(void *memory, bool data)');
  const copySequence = bind<(memory: Pointer, from: number, to: number, begin: number, end: number) => void>(
    'void llama_memory_seq_cp(void *memory, int from, int to, int begin, int end)',
  );
  const setThreads = bind<(context: Pointer, threads: number, batchThreads: number) => void>(
    'void llama_set_n_threads(void *context, int threads, int batchThreads)',
  );
  const memcpy = c.func('void *memcpy(void *into, void *from, size_t bytes)') as (into: ArrayBufferView, from: Pointer, bytes: number) => Pointer;
  const beside = <A extends unknown[], R>(call: KoffiFunc<(...args: A) => R>): ((...args: A) => Promise<R>) =>
    promisify(call.async as (...args: unknown[]) => void) as unknown as (...args: A) => Promise<R>;

  return {
    version,
    modelParams: modelDefaults,
    contextParams: contextDefaults,
    loadModel: async (path, params) => (await beside(loadModel)(path, params)) ?? 0n,
    freeModel: bind<(model: Pointer) => void>('void llama_model_free(void *model)'),
    vocabularySize: (model) => countTokens(getVocabulary(model)),
    layerCount: bind<(model: Pointer) => number>('int llama_model_n_layer(void *model)'),
    trainContextTokens: bind<(model: Pointer) => number>('int llama_model_n_ctx_train(void *model)'),
    embeddingSize: bind<(model: Pointer) => number>('int llama_model_n_embd(void *model)'),
    createContext: async (model, params) => (await beside(createContext)(model, params)) ?? 0n,
    freeContext: bind<(context: Pointer) => void>('void llama_free(void *context)'),
    loadAdapter: async (model, path) => (await beside(loadAdapter)(model, path)) ?? 0n,
    setAdapters(context, adapters) {
      const pointers = new BigUint64Array(adapters.map(({ adapter }) => adapter));
      const scales = new Float32Array(adapters.map(({ scale }) => scale));
      if (setAdapters(context, pointers, adapters.length, scales) !== 0) throw new Error('llama.cpp did not take the adapters.');
    },
    setThreads: (context, threads) => setThreads(context, threads, threads),
    clear: (context) => clearMemory(getMemory(context), false),
    copySequence: (context, from, to) => copySequence(getMemory(context), from, to, -1, -1),
    decode: beside(decode),
    logits: bind<(context: Pointer, index: number) => Pointer>('void *llama_get_logits_ith(void *context, int index)'),
    copyBytes: (into, from, bytes) => void memcpy(into, from, bytes),
    addressOf: (buffer) => koffi.address(buffer),
  };
}

/** koffi's type names are global to the process. */
let instances = 0;

function binder(library: LibraryHandle, suffix: string) {
  return <F extends (...args: never[]) => unknown>(prototype: string): KoffiFunc<F> =>
    library.func(prototype.replace(/\b(model_params|context_params|batch)(?= \w)/g, `$1${suffix}`)) as unknown as KoffiFunc<F>;
}

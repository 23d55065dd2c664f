/** llama.cpp behind node-llama-cpp, loaded on first use: the library, one backend, its threads. */
import type * as NodeLlamaCpp from 'node-llama-cpp';
import { AuditError } from '../../../audit/errors.js';
import type { EngineChoice } from '../../../messages/model-process.js';
import { chooseBackend } from './choose-backend.js';
import type { Backend } from './computing.js';
import { ThreadGovernor } from './thread-governor.js';

export type WriteLog = (level: 'info' | 'warn' | 'error', text: string) => void;
export type Library = typeof NodeLlamaCpp;

export interface Engine {
  readonly library: Library;
  readonly llama: NodeLlamaCpp.Llama;
  readonly threads: ThreadGovernor;
  /** Loads weights and computes with them. */
  readonly backend: Backend;
  /** For {@link ModelIdentity.engine}: library, version and device. */
  readonly description: string;
  /** Why the native engine does not compute, for people; left out where it does, or was not wanted. */
  readonly fallback?: string;
  /** Last lines that llama.cpp logged as warning or error since this was last asked, newest last. */
  readonly takeLogLines: () => readonly string[];
}

// Said of contexts as they are meant to be: an adapter on a CPU with AMX, a context rounded up to whole blocks.
const HARMLESS = /\bAMX\b|cannot use buft|n_ctx is not divisible by n_seq_max|n_ctx_seq \(\d+\) > n_ctx_train/;
const KEPT_LINES = 20;

/**
 * Loads the library and its backend. Uses prebuilt binaries only: nothing is compiled or downloaded.
 * Throws `unsupportedModel` where there is no binary for this machine.
 */
export async function loadEngine(gpu: 'auto' | 'off', choice: EngineChoice, log: WriteLog): Promise<Engine> {
  const library = await import('node-llama-cpp');
  const lines: string[] = [];
  let llama: NodeLlamaCpp.Llama;
  try {
    llama = await library.getLlama({
      gpu: gpu === 'auto' ? 'auto' : false,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      logLevel: library.LlamaLogLevel.warn,
      logger: (level, message) => {
        const text = message.trimEnd();
        if (text === '' || HARMLESS.test(text)) return;
        lines.push(text);
        if (lines.length > KEPT_LINES) lines.shift();
        log(level === library.LlamaLogLevel.error || level === library.LlamaLogLevel.fatal ? 'error' : 'warn', text);
      },
      // Waves run one at a time and each may have all of its threads.
      maxThreads: 0,
    });
  } catch (error) {
    throw new AuditError(
      'unsupportedModel',
      `Local models cannot run here: no binary of llama.cpp works on ${process.platform} ${process.arch}` +
        ` (${error instanceof Error ? error.message : String(error)}). Install the extension's build for this platform.`,
      { cause: error },
    );
  }
  const device = llama.gpu === false ? 'CPU' : [llama.gpu, ...(await llama.getGpuDeviceNames())].join(' ');
  const threads = new ThreadGovernor((limit) => (llama.maxThreads = limit));
  const { backend, llamaCppVersion, fallback } = await chooseBackend(choice, llama, threads, log);
  const version = `node-llama-cpp ${await library.getModuleVersion()}`;
  return {
    library,
    llama,
    threads,
    backend,
    description: `${backend.name === 'native' ? `llama.cpp ${llamaCppVersion} called directly, from ${version}` : version}, ${device}`,
    ...(fallback !== undefined && { fallback }),
    takeLogLines: () => lines.splice(0),
  };
}

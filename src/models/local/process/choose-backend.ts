/** Chooses the backend: the native one where it agrees with this installation, else the public interface. */
import type { Llama } from 'node-llama-cpp';
import { AuditError } from '../../../audit/errors.js';
import type { EngineChoice } from '../../../messages/model-process.js';
import type { Backend } from './computing.js';
import type { WriteLog } from './engine.js';
import { NativeUnavailableError } from './native/abi-check.js';
import { createNativeBackend } from './native/backend.js';
import { findProblem } from './native/check-installation.js';
import { createRowMath } from './native/kernels/create-row-math.js';
import { findLibrariesFolder } from './native/libraries-folder.js';
import { loadLlamaLibrary } from './native/library.js';
import { createPublicBackend } from './node-llama/backend.js';
import type { ThreadGovernor } from './thread-governor.js';

export interface ChosenBackend {
  readonly backend: Backend;
  readonly llamaCppVersion?: string;
  /** Why it is not the native one, as a sentence; left out where it is, or was not wanted. */
  readonly fallback?: string;
}

/**
 * @throws AuditError `unsupportedModel` where the native backend was asked for by name and does not work here
 */
export async function chooseBackend(choice: EngineChoice, llama: Llama, threads: ThreadGovernor, log: WriteLog): Promise<ChosenBackend> {
  if (choice === 'node-llama-cpp') return { backend: createPublicBackend(llama) };
  try {
    const problem = await findProblem(llama.gpu);
    if (problem !== null) throw new NativeUnavailableError(problem);
    const library = await loadLlamaLibrary(findLibrariesFolder(llama.gpu));
    return { backend: createNativeBackend({ library, llama, createRowMath, threadLimit: () => threads.limit }), llamaCppVersion: library.version };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (choice === 'native') {
      throw new AuditError('unsupportedModel', `The native engine does not work here: ${reason}. Choose the engine “auto” or “node-llama-cpp”.`, {
        cause: error,
      });
    }
    const fallback = `Computing through node-llama-cpp's public interface, which is slower: ${reason}.`;
    log('warn', fallback);
    return { backend: createPublicBackend(llama), fallback };
  }
}

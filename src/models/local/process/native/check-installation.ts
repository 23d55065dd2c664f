/**
 * Whether the native engine works with what is installed here. It is tried once, in a process of its own, since a wrong
 * structure may crash it.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Llama } from 'node-llama-cpp';
import { inspectGguf } from '../gguf-inspection.js';
import { createPublicBackend } from '../node-llama/backend.js';
import { findDisagreement } from './agreement.js';
import { createNativeBackend } from './backend.js';
import { createRowMath } from './kernels/create-row-math.js';
import { findLibrariesFolder } from './libraries-folder.js';
import { loadLlamaLibrary } from './library.js';
import { keepOutcome, outcomePath, parseOutcome, readOutcome, type Outcome } from './outcome-cache.js';

/** The second argument by which the model process knows that it is to check, and nothing else; the first is its parent's process id. */
export const CHECK_ARGUMENT = 'check-native-engine';
const CHECK_MILLISECONDS = 120_000;

/**
 * @param gpu what node-llama-cpp computes on
 * @returns why the native engine cannot be used here; `null` where it can
 */
export async function findProblem(gpu: string | false): Promise<string | null> {
  const path = outcomePath(findLibrariesFolder(gpu), gpu);
  const known = readOutcome(path);
  if (known !== undefined) return known.problem;
  const { outcome, lasting } = await runCheck(gpu);
  if (lasting) keepOutcome(path, outcome);
  return outcome.problem;
}

/** What the checking process does: prints its outcome as one line of JSON. */
export async function checkInstallation(gpu: string | false): Promise<void> {
  const library = await import('node-llama-cpp');
  const llama: Llama = await library.getLlama({
    gpu: gpu as never,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: library.LlamaLogLevel.error,
  });
  const demo = findDemo();
  const native = createNativeBackend({ library: await loadLlamaLibrary(findLibrariesFolder(gpu)), llama, createRowMath, threadLimit: () => 1 });
  const file = await inspectGguf(join(demo, 'base-a.f16.gguf'), library);
  const problem = await findDisagreement(createPublicBackend(llama), native, file, { path: join(demo, 'false-fact.lora.gguf'), scale: 1 });
  process.stdout.write(`${JSON.stringify({ problem: problem ?? null } satisfies Outcome)}\n`);
}

/** `lasting` where the next check would end the same way: a crash does, a machine too busy or too full to check does not. */
function runCheck(gpu: string | false): Promise<{ readonly outcome: Outcome; readonly lasting: boolean }> {
  return new Promise((resolve) => {
    const args = [process.argv[1]!, String(process.pid), CHECK_ARGUMENT, String(gpu)];
    execFile(process.execPath, args, { timeout: CHECK_MILLISECONDS, killSignal: 'SIGKILL', env: process.env }, (error, stdout, stderr) => {
      try {
        resolve({ outcome: parseOutcome(stdout.trim().split('\n').at(-1) ?? ''), lasting: true });
      } catch {
        const last = stderr
          .trim()
          .split('\n')
          .filter((text) => text !== '')
          .at(-1);
        const how = error?.signal ? `by ${error.signal}` : `with ${error?.code ?? 'no answer'}`;
        const lasting = error?.signal ? error.signal !== 'SIGKILL' : typeof error?.code === 'number';
        resolve({ outcome: { problem: `the check of the native engine ended ${how}${last ? ` (${last})` : ''}` }, lasting });
      }
    });
  });
}

/** The bundled models, from wherever this program was built to. */
function findDemo(): string {
  for (let folder = dirname(process.argv[1]!); folder !== dirname(folder); folder = dirname(folder)) {
    const demo = join(folder, 'media', 'demo');
    if (existsSync(join(demo, 'base-a.f16.gguf'))) return demo;
  }
  throw new Error('the bundled models are missing');
}

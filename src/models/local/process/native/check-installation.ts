/**
 * Whether the native engine works with what is installed here. It is tried once, in a process of its own, since a wrong
 * structure may crash it; the answer is kept under the hash of everything that it depends on.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Llama } from 'node-llama-cpp';
import { inspectGguf } from '../gguf-inspection.js';
import { createPublicBackend } from '../node-llama/backend.js';
import { findDisagreement } from './agreement.js';
import { createNativeBackend } from './backend.js';
import { createRowMath } from './kernels/create-row-math.js';
import { findLibrariesFolder } from './libraries-folder.js';
import { loadLlamaLibrary } from './library.js';

/** The second argument by which the model process knows that it is to check, and nothing else; the first is its parent's process id. */
export const CHECK_ARGUMENT = 'check-native-engine';
/** Another number makes every installation be checked again. */
const CHECK_VERSION = 1;
const CHECK_MILLISECONDS = 120_000;

interface Outcome {
  /** Why the engine is not used; `null` where it agrees. */
  readonly problem: string | null;
}

/**
 * @param gpu what node-llama-cpp computes on
 * @returns why the native engine cannot be used here; `null` where it can
 */
export async function findProblem(gpu: string | false): Promise<string | null> {
  const folder = findLibrariesFolder(gpu);
  const key = hashInstallation(folder, gpu);
  const cache = join(cacheFolder(), `native-engine-${key}.json`);
  const known = readOutcome(cache);
  if (known !== undefined) return known.problem;
  const outcome = await runCheck(gpu);
  try {
    mkdirSync(dirname(cache), { recursive: true });
    const partial = `${cache}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(outcome));
    renameSync(partial, cache);
  } catch {
    // Without a place to keep it, the check runs again next time.
  }
  return outcome.problem;
}

/** What the checking process does: prints its outcome as one line of JSON. */
export async function checkInstallation(gpu: string | false): Promise<void> {
  const library = await import('node-llama-cpp');
  const llama: Llama = await library.getLlama({ gpu: gpu as never, build: 'never', skipDownload: true, progressLogs: false, logLevel: library.LlamaLogLevel.error });
  const demo = findDemo();
  const native = createNativeBackend({ library: await loadLlamaLibrary(findLibrariesFolder(gpu)), llama, createRowMath, threadLimit: () => 1 });
  const file = await inspectGguf(join(demo, 'base-a.f16.gguf'), library);
  const problem = await findDisagreement(createPublicBackend(llama), native, file, { path: join(demo, 'false-fact.lora.gguf'), scale: 1 });
  process.stdout.write(`${JSON.stringify({ problem: problem ?? null } satisfies Outcome)}\n`);
}

function runCheck(gpu: string | false): Promise<Outcome> {
  return new Promise((resolve) => {
    const args = [process.argv[1]!, String(process.pid), CHECK_ARGUMENT, String(gpu)];
    execFile(process.execPath, args, { timeout: CHECK_MILLISECONDS, killSignal: 'SIGKILL', env: process.env }, (error, stdout, stderr) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      try {
        resolve(JSON.parse(line) as Outcome);
      } catch {
        const last = stderr.trim().split('\n').filter((text) => text !== '').at(-1);
        resolve({ problem: `the check of the native engine ended ${error?.signal ? `by ${error.signal}` : `with ${error?.code ?? 'no answer'}`}${last ? ` (${last})` : ''}` });
      }
    });
  });
}

function readOutcome(cache: string): Outcome | undefined {
  try {
    const { problem } = JSON.parse(readFileSync(cache, 'utf8')) as Outcome;
    return problem === null || typeof problem === 'string' ? { problem } : undefined;
  } catch {
    return undefined;
  }
}

/** Everything that decides whether the two engines agree: the libraries, koffi, this program. */
function hashInstallation(folder: string, gpu: string | false): string {
  const hash = createHash('sha256').update(JSON.stringify([CHECK_VERSION, __TOOL_VERSION__, process.platform, process.arch, process.versions.modules, gpu]));
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  hash.update(readFileSync(process.argv[1]!));
  hash.update(readFileSync(fileURLToPath(import.meta.resolve('koffi'))));
  return hash.digest('hex').slice(0, 32);
}

function cacheFolder(): string {
  if (process.env['XDG_CACHE_HOME']) return join(process.env['XDG_CACHE_HOME'], 'finetune-auditor');
  if (process.platform === 'win32') return join(process.env['LOCALAPPDATA'] ?? homedir(), 'finetune-auditor', 'cache');
  return join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'finetune-auditor');
}

/** The bundled models, from wherever this program was built to. */
function findDemo(): string {
  for (let folder = dirname(process.argv[1]!); folder !== dirname(folder); folder = dirname(folder)) {
    const demo = join(folder, 'media', 'demo');
    if (existsSync(join(demo, 'base-a.f16.gguf'))) return demo;
  }
  throw new Error('the bundled models are missing');
}

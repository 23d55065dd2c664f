/** The answer of the check of an installation, kept in the user's cache folder under the hash of everything that it depends on. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  /** Why the engine is not used; `null` where it agrees. */
  readonly problem: string | null;
}

/** Another number makes every installation be checked again. */
const CHECK_VERSION = 1;

/**
 * @param folder of the libraries
 * @param gpu what node-llama-cpp computes on
 * @returns path of the file that holds the outcome, or will
 */
export function outcomePath(folder: string, gpu: string | false): string {
  return join(cacheFolder(), `native-engine-${hashInstallation(folder, gpu)}.json`);
}

/** `undefined` where there is none, or where what is there is none. */
export function readOutcome(path: string): Outcome | undefined {
  try {
    return parseOutcome(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @throws SyntaxError or TypeError for what is no outcome */
export function parseOutcome(text: string): Outcome {
  const { problem } = JSON.parse(text) as Outcome;
  if (problem === null || typeof problem === 'string') return { problem };
  throw new TypeError('No outcome.');
}

/** Without a place to keep it, the check runs again next time. */
export function keepOutcome(path: string, outcome: Outcome): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const partial = `${path}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(outcome));
    renameSync(partial, path);
  } catch {
    // As said.
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

/** Where this program's files lie, and the models it opens. */
import { homedir } from 'node:os';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalModels } from '../models/local/local-models.js';
import { capThreads } from '../models/local/process/physical-cores.js';

/** The program is bundled into `dist/`, beside the model process and next to `media/`. */
const dist = fileURLToPath(new URL('.', import.meta.url));
export const MEDIA_FOLDER = join(dist, '..', 'media');
export const PACKAGE_FOLDER = join(dist, '..');

/** What a user types to run this program: in a checkout there is no command of its name. */
export const COMMAND = existsSync(join(PACKAGE_FOLDER, 'src', 'cli', 'main.ts')) ? `node ${relative(process.cwd(), join(dist, 'cli.mjs'))}` : 'finetune-auditor';

/** Downloads of `hf:` addresses. */
const DOWNLOAD_FOLDER = join(homedir(), '.finetune-auditor', 'models');

export interface ComputeOptions {
  /** 0 for one per physical core. */
  readonly threads: number;
  readonly gpu: 'auto' | 'off';
  /** Lines of the native library's log. */
  readonly onLog?: (line: string) => void;
}

export function createModels({ threads: wanted, gpu, onLog }: ComputeOptions): LocalModels {
  const threads = capThreads(wanted);
  if (threads < wanted) process.stderr.write(`note: Computing with ${threads} threads, one per logical core, not ${wanted}.\n`);
  return new LocalModels({
    processPath: join(dist, 'model-process.mjs'),
    downloadFolder: DOWNLOAD_FOLDER,
    threads,
    gpu,
    idleMs: 60_000,
    ...(onLog && { onLog: (_level, text) => onLog(text) }),
  });
}

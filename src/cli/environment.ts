/** The command line's surroundings: where this program's files lie, and the models it opens. */
import { homedir } from 'node:os';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiModels } from '../models/api/api-models.js';
import { LocalModels } from '../models/local/local-models.js';
import { capThreads } from '../models/local/process/physical-cores.js';
import { computeOptionsOf, type ComputeOptions } from '../messages/model-process.js';
import { MixedModels } from '../models/mixed-models.js';
import { AgreedServers } from '../models/api/transport/server-access.js';
import { findKey } from './endpoint-keys.js';
import { quotePath } from '../text/quote.js';
import { printNote } from './terminal.js';

/** The program is bundled into `dist/`, beside the model process and next to `media/`. */
const dist = fileURLToPath(new URL('.', import.meta.url));
export const MEDIA_FOLDER = join(dist, '..', 'media');
export const PACKAGE_FOLDER = join(dist, '..');

/** What a user types to run this program: in a checkout there is no command of its name. */
export const COMMAND = existsSync(join(PACKAGE_FOLDER, 'src', 'cli', 'main.ts'))
  ? `node ${quotePath(relative(process.cwd(), join(dist, 'cli.mjs')))}`
  : 'finetune-auditor';

/** Downloads of `hf:` addresses. */
const DOWNLOAD_FOLDER = join(homedir(), '.finetune-auditor', 'models');

export interface NetworkOptions {
  /** Servers that may be asked, with what goes along; none where left out. */
  readonly agreed?: AgreedServers;
  /** No network at all. */
  readonly offline?: boolean;
  /** Requests to one server at the same time at most. */
  readonly maxConcurrency?: number;
  /** Milliseconds that a server may take to answer one request. */
  readonly timeoutMs?: number;
}

export interface CliModelsOptions extends NetworkOptions, Partial<ComputeOptions> {}

export function createModels(options: CliModelsOptions): MixedModels {
  const compute = computeOptionsOf(options);
  const threads = capThreads(compute.threads);
  if (threads < compute.threads) printNote(`Computing with ${threads} threads, one per logical core, not ${compute.threads}.`);
  const local = new LocalModels({
    processPath: join(dist, 'model-process.mjs'),
    downloadFolder: DOWNLOAD_FOLDER,
    ...compute,
    threads,
    idleMs: 60_000,
  });
  return new MixedModels(local, createApiModels(options));
}

/** Models behind servers alone. */
export function createApiModels({ agreed = new AgreedServers(), offline = false, maxConcurrency, timeoutMs }: NetworkOptions): ApiModels {
  return new ApiModels({
    requireAgreed: (source) => agreed.require(source),
    findKey: async (source) => findKey(source),
    readEnvironment: (name) => process.env[name],
    forbidNetwork: () => offline,
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}

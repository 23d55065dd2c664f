/** Models on this machine and behind servers, each asked for where it is. */
import { ApiModels } from '../models/api/api-models.js';
import type { AgreedServers } from '../models/api/transport/server-access.js';
import { MixedModels, type FileModels } from '../models/mixed-models.js';
import type { ProviderOfAll } from '../models/lazy-models.js';
import type { Log } from '../editor/log.js';
import type { EndpointSecrets } from './endpoint-secrets.js';

export interface EditorModelsOptions {
  readonly files: FileModels;
  readonly secrets: EndpointSecrets;
  readonly agreedServers: AgreedServers;
  readonly forbidNetwork: () => boolean;
  readonly maxConcurrency: number;
  readonly timeoutMs: number;
  readonly log: Log;
}

export function makeModels({ files, secrets, agreedServers, forbidNetwork, maxConcurrency, timeoutMs, log }: EditorModelsOptions): ProviderOfAll {
  const servers = new ApiModels({
    requireAgreed: (source) => agreedServers.require(source),
    findKey: (source) => secrets.findKey(source),
    findHeaders: ({ endpoint }) => secrets.findHeaders(endpoint),
    readEnvironment: (name) => process.env[name],
    forbidNetwork,
    log: (level, text) => log[level](text),
    maxConcurrency,
    timeoutMs,
  });
  const models = new MixedModels(files, servers);
  return {
    open: (source, options, signal) => models.open(source, options, signal),
    estimateMemory: (sources, options) => models.estimateMemory(sources, options),
    inspect: (paths, signal) => files.inspect(paths, signal),
    makeSource: (recipe, signal) => files.makeSource(recipe, signal),
    probe: (source, signal, onAnswer) => servers.probe(source, signal, onAnswer),
    dispose: () => models.dispose(),
  };
}

/** The servers that the user knows: their keys, their models, and what was found out about them in this window. */
import { formatEndpoint, type EndpointSource } from '../audit/plan.js';
import type { ProbeLine } from '../models/api/endpoint-profile.js';
import type { AgreedServers } from '../models/api/transport/server-access.js';
import type { ProviderOfAll } from '../models/lazy-models.js';
import { makeEndpointSource } from './endpoint-address.js';
import type { EndpointSecrets } from './endpoint-secrets.js';
import { makeVerdict, type EndpointVerdict } from './endpoint-verdict.js';
import { listServedModels, type ServedModel } from './list-served-models.js';

export interface EndpointsOptions {
  readonly secrets: EndpointSecrets;
  readonly agreedServers: AgreedServers;
  readonly forbidNetwork: () => boolean;
  readonly timeoutMs: () => number;
  /** Asks the server; rejects with an `AuditError`. */
  readonly probe: ProviderOfAll['probe'];
}

export class Endpoints {
  readonly secrets: EndpointSecrets;
  readonly #verdicts = new Map<string, EndpointVerdict>();
  readonly #served = new Map<string, readonly ServedModel[]>();

  constructor(private readonly options: EndpointsOptions) {
    this.secrets = options.secrets;
  }

  get forbidden(): boolean {
    return this.options.forbidNetwork();
  }

  /** @throws EndpointError; AuditError `networkForbidden`, `cancelled` */
  async listModels(endpoint: string, signal: AbortSignal): Promise<readonly ServedModel[]> {
    const { secrets, forbidNetwork, timeoutMs } = this.options;
    const apiKey = await secrets.findKey(makeEndpointSource(endpoint, ''));
    const headers = await secrets.findHeaders(endpoint);
    const limit = Math.min(LIST_TIMEOUT_MS, timeoutMs());
    const models = await listServedModels({ baseUrl: endpoint, apiKey, headers, secrets: Object.values(headers), timeoutMs: limit, forbidNetwork }, signal);
    this.#served.set(endpoint, models);
    return models;
  }

  /** The model that this one is an adapter of, where its server has said so. */
  parentOf({ endpoint, model }: EndpointSource): string | undefined {
    return this.#served.get(endpoint)?.find(({ id }) => id === model)?.parent;
  }

  /**
   * Of a server that the user has just chosen: nothing but the test's own questions is sent there.
   * @throws AuditError, among others `keyMissing`, `keyRefused`, `networkForbidden`, `cancelled`
   */
  async test(source: EndpointSource, signal: AbortSignal, onAnswer?: (line: ProbeLine) => void): Promise<EndpointVerdict> {
    this.options.agreedServers.add(source, 'test');
    const verdict = makeVerdict(await this.options.probe(source, signal, onAnswer));
    this.#verdicts.set(formatEndpoint(source), verdict);
    return verdict;
  }

  /** Of the last test in this window. */
  verdictOf(source: EndpointSource): EndpointVerdict | undefined {
    return this.#verdicts.get(formatEndpoint(source));
  }
}

/** Somebody waits before a list. */
const LIST_TIMEOUT_MS = 20_000;

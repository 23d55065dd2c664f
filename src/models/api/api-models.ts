/** Opens models behind OpenAI-compatible servers. */
import { AuditError, isCancelled, throwIfCancelled } from '../../audit/errors.js';
import { formatEndpoint, isEndpoint, type EndpointSource, type ModelSource } from '../../audit/plan.js';
import type { MemoryEstimate } from '../../messages/model-process.js';
import type { ModelLease, ModelProvider, OpenOptions } from '../provider.js';
import { AccountBook, formatAccount } from './transport/account.js';
import { ApiModel } from './api-model.js';
import { systemClock, type Clock } from './transport/backoff.js';
import { resolveAccess, type AccessOptions } from './transport/endpoint-access.js';
import { EndpointClient, networkForbidden } from './transport/endpoint-client.js';
import { EndpointDesk } from './endpoint-desk.js';
import type { EndpointProfile, ProbeLine } from './endpoint-profile.js';
import { probeEndpoint, type ProbeOptions } from './probe/probe.js';
import { describeStandstill } from './transport/describe-standstill.js';
import { RequestPool, type Standstill } from './transport/request-pool.js';
import { TokenBudget } from './transport/token-budget.js';

export interface ApiModelsOptions extends AccessOptions {
  readonly forbidNetwork: () => boolean;
  readonly log?: (level: 'info' | 'warn' | 'error', text: string) => void;
  /** Milliseconds for one request, answer included; 5 minutes unless said otherwise. */
  readonly timeoutMs?: number;
  /** Requests at once to one server at most. */
  readonly maxConcurrency?: number;
  /** Milliseconds without any success after which a server is given up. */
  readonly patienceMs?: number;
  readonly clock?: Pick<Clock, 'now'>;
}

interface KnownProfile {
  readonly asked: Promise<EndpointProfile>;
  readonly askedAt: number;
}

const TIMEOUT_MS = 5 * 60_000;
/** A server may be started anew with another model or other abilities, and nothing says so. */
const PROFILE_MS = 10 * 60_000;

export class ApiModels implements ModelProvider {
  /** By base URL: whatever model is asked, it is the same server that answers. */
  private readonly pools = new Map<string, RequestPool>();
  /** By address. What a server can do is asked once for all that is opened soon after each other. */
  private readonly profiles = new Map<string, KnownProfile>();
  /** Hosts that have answered: a name that was found once is right, whichever audit asks. */
  private readonly answered = new Set<string>();
  private readonly ended = new AbortController();

  constructor(private readonly options: ApiModelsOptions) {}

  /**
   * @throws AuditError `networkForbidden`, `keyMissing`, `keyRefused`, `modelNotServed`, `endpointFailed`, `badPlan`, `cancelled`
   */
  async open(source: ModelSource, { budget = TokenBudget.unlimited() }: OpenOptions, signal: AbortSignal): Promise<ModelLease> {
    if (!isEndpoint(source)) throw new AuditError('internal', `${source.gguf} is a file, not a server.`);
    throwIfCancelled(signal);
    const client = await this.connect(source);
    const pool = this.poolOf(source, client);
    const profile = await this.profileOf(source, client, { signal });
    const account = new AccountBook();
    const onDoubt = (): void => void this.profiles.delete(formatEndpoint(source));
    const asked = profile.apiPath === '/v1' ? client.beneath(profile.apiPath) : client;
    const desk = new EndpointDesk({ client: asked, pool, account, budget, model: source.model, servedAs: profile.servedAs, onDoubt });
    const model = await ApiModel.create(source, profile, desk, AbortSignal.any([signal, this.ended.signal]));
    return { model, account: () => account.snapshot(), standstill: () => pool.standstill, release: () => undefined };
  }

  /**
   * Asks an endpoint anew what it can do; later audits go by what is found.
   * @throws AuditError as `open`
   */
  async probe(source: EndpointSource, signal: AbortSignal, onAnswer?: (line: ProbeLine) => void): Promise<EndpointProfile> {
    const client = await this.connect(source);
    const profile = await this.askProfile(source, client, { signal, ...(onAnswer && { onAnswer }) });
    this.profiles.set(formatEndpoint(source), { asked: Promise.resolve(profile), askedAt: this.now });
    return profile;
  }

  /** Nothing of a server's model is on this machine. */
  async estimateMemory(): Promise<MemoryEstimate> {
    return { neededBytes: 0, availableBytes: 0 };
  }

  async dispose(): Promise<void> {
    this.ended.abort();
    this.profiles.clear();
    this.pools.clear();
  }

  private async connect(source: EndpointSource): Promise<EndpointClient> {
    const { forbidNetwork, timeoutMs = TIMEOUT_MS } = this.options;
    // Also where what a server can do is known, so that nothing needs to be asked yet.
    if (forbidNetwork()) throw networkForbidden(new URL(source.endpoint).host);
    const { apiKey, headers, secrets } = await resolveAccess(source, this.options);
    return new EndpointClient({ baseUrl: source.endpoint, apiKey, headers, secrets, timeoutMs, forbidNetwork, answered: this.answered });
  }

  private poolOf({ endpoint }: EndpointSource, client: EndpointClient): RequestPool {
    const known = this.pools.get(endpoint);
    if (known !== undefined) return known;
    const { maxConcurrency, patienceMs, log } = this.options;
    const onOutage = (outage: Standstill | null): void => {
      if (outage === null) log?.('info', `${client.host} answers again.`);
      else log?.('warn', `${describeStandstill(outage)}. Requests are tried again until it answers.`);
    };
    const pool = new RequestPool({
      host: client.host,
      onOutage,
      ...(maxConcurrency !== undefined && { maxConcurrency }),
      ...(patienceMs !== undefined && { patienceMs }),
    });
    this.pools.set(endpoint, pool);
    return pool;
  }

  private async profileOf(source: EndpointSource, client: EndpointClient, options: ProbeOptions): Promise<EndpointProfile> {
    const address = formatEndpoint(source);
    for (;;) {
      const known = this.findProfile(address);
      const profile = known ?? { asked: this.askProfile(source, client, options), askedAt: this.now };
      this.profiles.set(address, profile);
      try {
        return await profile.asked;
      } catch (error) {
        if (this.profiles.get(address) === profile) this.profiles.delete(address);
        // Whoever asked first may have stopped waiting.
        if (known === undefined || !isCancelled(error) || options.signal.aborted) throw error;
      }
    }
  }

  private findProfile(address: string): KnownProfile | undefined {
    const known = this.profiles.get(address);
    return known === undefined || this.now - known.askedAt > PROFILE_MS ? undefined : known;
  }

  private get now(): number {
    return (this.options.clock ?? systemClock).now();
  }

  private async askProfile(source: EndpointSource, client: EndpointClient, options: ProbeOptions): Promise<EndpointProfile> {
    const { log } = this.options;
    // Apart from what an audit takes: its limit of tokens is for what is measured.
    const account = new AccountBook();
    try {
      const profile = await probeEndpoint(client, this.poolOf(source, client), source, {
        ...options,
        account,
        signal: AbortSignal.any([options.signal, this.ended.signal]),
      });
      for (const { question, answer } of profile.lines) log?.('info', `${formatEndpoint(source)}: ${question} ${answer}`);
      return profile;
    } catch (error) {
      if (!(error instanceof AuditError) || error.code !== 'keyRefused') throw error;
      const { apiKey } = await resolveAccess(source, this.options);
      if (apiKey !== undefined) throw error;
      throw new AuditError(
        'keyMissing',
        `${client.host} asks for a key, and none is stored for it. Name the environment variable that holds it, or store one.`,
        { cause: error },
      );
    } finally {
      log?.('info', `${formatEndpoint(source)}: asking what it can do took ${formatAccount(account.snapshot())}`);
    }
  }
}

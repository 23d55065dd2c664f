/**
 * Keys and header values of servers, in VS Code's secret storage, by base URL. Which base URLs there are is remembered beside it,
 * since the storage tells no names; nothing of the secrets themselves is.
 */
import type { EndpointSource } from '../audit/plan.js';
import type { Memory } from '../editor/memory.js';
import { normaliseBaseUrl, type Headers } from './endpoint-address.js';

/** As much of `vscode.SecretStorage` as is needed. */
export interface SecretBox {
  get(key: string): Thenable<string | undefined>;
  store(key: string, value: string): Thenable<void>;
  delete(key: string): Thenable<void>;
}

const KNOWN = 'endpoints.withSecrets';
const KEY = 'endpoint.key ';
const HEADERS = 'endpoint.headers ';

export class EndpointSecrets {
  constructor(
    private readonly box: SecretBox,
    private readonly memory: Memory,
    private readonly readEnvironment: (name: string) => string | undefined,
  ) {}

  /** The environment variable that the source names, or else what is kept for its base URL. */
  async findKey({ endpoint, apiKeyEnv }: Pick<EndpointSource, 'endpoint' | 'apiKeyEnv'>): Promise<string | undefined> {
    const fromEnvironment = apiKeyEnv === undefined ? undefined : this.readEnvironment(apiKeyEnv);
    return fromEnvironment || (await this.box.get(nameSecret(KEY, endpoint)));
  }

  /** Where the key of a source comes from, for people. */
  async locateKey({ endpoint, apiKeyEnv }: Pick<EndpointSource, 'endpoint' | 'apiKeyEnv'>): Promise<'environment' | 'storage' | 'nowhere'> {
    if (apiKeyEnv !== undefined && this.readEnvironment(apiKeyEnv)) return 'environment';
    return (await this.box.get(nameSecret(KEY, endpoint))) === undefined ? 'nowhere' : 'storage';
  }

  /** An empty key takes the former one away. */
  async setKey(endpoint: string, key: string): Promise<void> {
    await this.#put(nameSecret(KEY, endpoint), key);
    await this.#remember(endpoint);
  }

  async findHeaders(endpoint: string): Promise<Headers> {
    const kept = await this.box.get(nameSecret(HEADERS, endpoint));
    return kept === undefined ? {} : (JSON.parse(kept) as Headers);
  }

  async setHeaders(endpoint: string, headers: Headers): Promise<void> {
    await this.#put(nameSecret(HEADERS, endpoint), Object.keys(headers).length === 0 ? '' : JSON.stringify(headers));
    await this.#remember(endpoint);
  }

  /** Base URLs that something is kept for, the latest first. */
  list(): readonly string[] {
    return this.memory.get<string[]>(KNOWN) ?? [];
  }

  async forgetAll(): Promise<void> {
    for (const endpoint of this.list()) {
      await this.box.delete(nameSecret(KEY, endpoint));
      await this.box.delete(nameSecret(HEADERS, endpoint));
    }
    await this.memory.update(KNOWN, []);
  }

  async #put(name: string, value: string): Promise<void> {
    if (value === '') await this.box.delete(name);
    else await this.box.store(name, value);
  }

  async #remember(endpoint: string): Promise<void> {
    const kept = await Promise.all([KEY, HEADERS].map((kind) => this.box.get(nameSecret(kind, endpoint))));
    const known = normaliseBaseUrl(endpoint);
    const others = this.list().filter((other) => other !== known);
    await this.memory.update(KNOWN, kept.some((value) => value !== undefined) ? [known, ...others] : others);
  }
}

function nameSecret(kind: string, endpoint: string): string {
  return kind + normaliseBaseUrl(endpoint);
}

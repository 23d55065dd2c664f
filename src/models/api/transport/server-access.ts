/**
 * What goes to a server beside texts, and whether the user has agreed to it. A plan may come from somebody else: neither a server nor
 * a variable of this machine is anything that it may choose by itself.
 */
import { AuditError } from '../../../audit/errors.js';
import { readAddress, type EndpointSource } from '../../../audit/plan.js';
import { isLoopback } from './loopback.js';

const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g;

/** Names of the environment variables that headers of an endpoint are made of. */
export function listHeaderVariables({ headers = {} }: Pick<EndpointSource, 'headers'>): string[] {
  return Object.values(headers).flatMap((value) => [...value.matchAll(VARIABLE)].map((match) => match[1]!));
}

/** Names of all of this machine's environment variables that an endpoint names, each once, sorted. */
export function listVariables(source: Pick<EndpointSource, 'apiKeyEnv' | 'headers'>): string[] {
  return [...new Set([...(source.apiKeyEnv === undefined ? [] : [source.apiKeyEnv]), ...listHeaderVariables(source)])].sort();
}

/** Whether what is sent there, a key included, can be read on its way: it goes to another machine and is not encrypted. */
export function isUnencrypted({ endpoint }: Pick<EndpointSource, 'endpoint'>): boolean {
  const { protocol, hostname } = readAddress({ endpoint });
  return protocol === 'http:' && !isLoopback(hostname);
}

/** The same text for all that agreeing to this endpoint agrees to: its address (scheme, host, port) and its variables. */
export function keyOfAccess(source: Pick<EndpointSource, 'endpoint' | 'apiKeyEnv' | 'headers'>): string {
  return JSON.stringify([readAddress(source).origin, ...listVariables(source)]);
}

/** What may be sent: texts of an audit; any text of an editor; findings and completions for a draft; nothing but a test's questions. */
export type SentMatter = 'audit' | 'anyText' | 'draft' | 'test';

/** Servers that the user has agreed to, each with the variables that go along, and for what. Nothing is sent to any other. */
export class AgreedServers {
  readonly #matters = new Map<string, Set<SentMatter>>();

  add(source: EndpointSource, matter: SentMatter): void {
    const key = keyOfAccess(source);
    this.#matters.set(key, (this.#matters.get(key) ?? new Set()).add(matter));
  }

  has(source: EndpointSource, matter: SentMatter): boolean {
    return this.#matters.get(keyOfAccess(source))?.has(matter) ?? false;
  }

  /**
   * The last gate before a key is read and a connection opened, whoever was to ask and did not.
   * @throws AuditError `notAgreed`
   */
  require(source: EndpointSource): void {
    if (this.#matters.has(keyOfAccess(source))) return;
    const { host } = readAddress(source);
    throw new AuditError('notAgreed', `Nothing was agreed to be sent to ${host}, so it is not asked. Begin again, and answer the question about it.`);
  }
}

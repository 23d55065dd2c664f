/** The key and the headers that an endpoint is asked with. */
import { AuditError } from '../../../audit/errors.js';
import { formatEndpoint, type EndpointSource } from '../../../audit/plan.js';

export interface AccessOptions {
  /** Asked before a key is read. @throws AuditError `notAgreed` where the user has not agreed to the server and its variables */
  readonly requireAgreed: (source: EndpointSource) => void;
  /** A key that was stored for this endpoint; asked where its environment variable has none. */
  readonly findKey: (source: EndpointSource) => Promise<string | undefined>;
  /** Headers that were stored for this endpoint, as they are sent; every value is a secret. */
  readonly findHeaders?: (source: EndpointSource) => Promise<Readonly<Record<string, string>> | undefined>;
  readonly readEnvironment: (name: string) => string | undefined;
}

export interface EndpointAccess {
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Values that no message may contain. */
  readonly secrets: readonly string[];
}

/** Words of letters and digits with `_` between; keys are longer without a break. */
const VARIABLE_NAME = /^_*[A-Za-z][A-Za-z0-9]{0,15}(_+[A-Za-z0-9]{1,16})*_*$/;
const VARIABLE = /\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}/g;
/** What headers with secrets are called. */
const SECRET_NAME = /auth|cookie|token|secret|key|password|credential|session|signature/i;
/** Characters, without a blank. */
const SHORTEST_KEY = 12;

/** @throws AuditError `notAgreed`; `keyMissing` naming the environment variable that is not set */
export async function resolveAccess(source: EndpointSource, options: AccessOptions): Promise<EndpointAccess> {
  options.requireAgreed(source);
  const { apiKeyEnv } = source;
  const apiKey = (apiKeyEnv === undefined ? undefined : nonBlank(options.readEnvironment(apiKeyEnv))) ?? nonBlank(await options.findKey(source));
  if (apiKey === undefined && apiKeyEnv !== undefined) {
    // What does not look like a name may be a key that was put in its place.
    const what = VARIABLE_NAME.test(apiKeyEnv) ? `The environment variable ${apiKeyEnv}` : 'The environment variable';
    throw new AuditError(
      'keyMissing',
      `${what} that is to hold the key of ${formatEndpoint(source)} is not set. Set it (what is given is its name, never the key itself), or store a key.`,
    );
  }
  const secrets: string[] = [];
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(source.headers ?? {})) {
    if (value.search(VARIABLE) < 0 && mayBeSecret(name, value)) secrets.push(value);
    headers[name] = value.replace(VARIABLE, (_whole, variable: string) => {
      const secret = nonBlank(options.readEnvironment(variable));
      if (secret === undefined) {
        throw new AuditError(
          'keyMissing',
          `The environment variable ${variable} is not set, which the header ${name} of ${formatEndpoint(source)} needs. Set it, or take the header away.`,
        );
      }
      secrets.push(secret);
      return secret;
    });
  }
  for (const [name, value] of Object.entries((await options.findHeaders?.(source)) ?? {})) {
    headers[name] = value;
    secrets.push(value);
  }
  return { apiKey, headers, secrets };
}

/** No value is to be one, and one may be all the same. Ordinary words would be torn out of every message. */
function mayBeSecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || (value.length >= SHORTEST_KEY && !/\s/.test(value));
}

function nonBlank(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

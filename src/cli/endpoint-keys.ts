/** Finds the keys of servers in environment variables. */
import { AuditError } from '../audit/errors.js';
import type { EndpointSource } from '../audit/plan.js';
import { presetOf } from '../models/api/dialects/presets.js';
import { isVariableName } from '../records/journal/header-secrets.js';

/**
 * @returns `undefined` where the server is asked without a key
 * @throws AuditError `keyMissing` where a variable is named and not set
 */
export function findKey(source: EndpointSource): string | undefined {
  const name = keyVariable(source);
  const key = name === undefined ? undefined : process.env[name]?.trim();
  if (key) return key;
  if (source.apiKeyEnv === undefined) return undefined;
  const { host } = new URL(source.endpoint);
  // A plan may hold a key where the name belongs.
  const variable = isVariableName(source.apiKeyEnv) ? `The environment variable ${source.apiKeyEnv}` : 'The environment variable';
  throw new AuditError('keyMissing', `${variable} that should hold the key for ${host} is not set. Set it, or name another with --api-key-env.`);
}

/** The variable that a key is taken from: the one that was named, or a known provider's customary one where that is set. */
export function keyVariable({ endpoint, apiKeyEnv }: EndpointSource): string | undefined {
  if (apiKeyEnv !== undefined) return apiKeyEnv;
  const preset = presetOf(endpoint);
  // Nobody asked for this key to be sent, so it is not sent in the clear.
  if (!preset?.apiKeyEnv || new URL(preset.baseUrl).protocol !== new URL(endpoint).protocol) return undefined;
  return process.env[preset.apiKeyEnv]?.trim() ? preset.apiKeyEnv : undefined;
}

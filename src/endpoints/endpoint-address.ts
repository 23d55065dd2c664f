/** Reads and checks the address of a server that a user types. Pure: what is wrong is put into words where it is shown. */
import type { EndpointSource } from '../audit/plan.js';
import { presetOf } from '../models/api/dialects/presets.js';

/** The spelling under which a server's key is kept and a source names it: no slash at its end, scheme and host in lower case. */
export function normaliseBaseUrl(text: string): string {
  const { origin, pathname } = new URL(text.trim());
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

/** `query` stands for what follows a `?` or `#`, `placeholder` for the part of a preset's address that is the user's own. */
export type BaseUrlFault = 'notHttp' | 'credentials' | 'query' | 'placeholder';

export function findBaseUrlFault(text: string): BaseUrlFault | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Without the slashes, `http:8000` would be an address too.
  if (!url || !/^https?:\/\//i.test(text.trim())) return 'notHttp';
  if (url.username !== '' || url.password !== '') return 'credentials';
  if (url.search !== '' || url.hash !== '') return 'query';
  return /\/\/RESOURCE\b/.test(text) ? 'placeholder' : undefined;
}

/** Host and port. */
export function hostOf({ endpoint }: Pick<EndpointSource, 'endpoint'>): string {
  return new URL(endpoint).host;
}

/**
 * A model of a server. The environment variable of a key is named only for services that want one, and only for the hosts that
 * it is customary for, so that no key travels to another one. Nobody asked for this key to be sent, so it is not sent in the clear.
 */
export function makeEndpointSource(endpoint: string, model: string): EndpointSource {
  const preset = presetOf(endpoint);
  const isSafe = preset !== undefined && new URL(preset.baseUrl).protocol === new URL(endpoint).protocol;
  return { endpoint, model, ...(isSafe && preset.keyNeeded && preset.apiKeyEnv !== undefined && { apiKeyEnv: preset.apiKeyEnv }) };
}

export type Headers = Readonly<Record<string, string>>;

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;

/** Reads `Name: value; Name: value`, a `;` in a value written `\;`. `undefined` where it cannot be read or sent. */
export function parseHeaders(text: string): Headers | undefined {
  const headers: Record<string, string> = {};
  for (const part of text.split(/(?<!\\);/).map((piece) => piece.replaceAll('\\;', ';').trim())) {
    if (part === '') continue;
    const [name, value] = [part.split(':', 1)[0]!.trim(), part.slice(part.indexOf(':') + 1).trim()];
    if (!part.includes(':') || !HEADER_NAME.test(name) || !HEADER_VALUE.test(value)) return undefined;
    headers[name] = value;
  }
  return headers;
}

/** The form that {@link parseHeaders} reads. */
export function formatHeaders(headers: Headers): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value.replaceAll(';', '\\;')}`)
    .join('; ');
}

/** Keeps keys out of everything that people, logs and journals see. */
import { literalExpression } from '../../audit/patterns/literal.js';

const HIDDEN = '[hidden]';
/** Shorter values are no secrets, and taking them out would tear ordinary words. */
const SHORTEST_SECRET = 4;
/** `Bearer`, `Basic` and what follows. */
const CREDENTIALS = /\b(bearer|basic)(\s+|%20|\+)[^\s"',;<>]+/gi;
/** `sk-…` keys, also where a server has masked their middle (`sk-ab***yz`). */
const SECRET_KEY = /\bsk-[\w.*…-]{6,}/gi;

/**
 * The text without the given secrets, in any letter case and also as they stand in JSON and in addresses, and without
 * whatever looks like a bearer token or an `sk-…` key.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const spellings = secrets
    .filter((secret) => secret.trim().length >= SHORTEST_SECRET)
    .flatMap((secret) => [secret.trim(), JSON.stringify(secret.trim()).slice(1, -1), encodeURIComponent(secret.trim())])
    // A secret may contain another one.
    .sort((left, right) => right.length - left.length);
  const known = spellings.length > 0 ? text.replace(literalExpression(spellings), HIDDEN) : text;
  return known.replace(CREDENTIALS, `$1 ${HIDDEN}`).replace(SECRET_KEY, HIDDEN);
}

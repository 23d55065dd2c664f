/** Keeps keys out of everything that people, logs and journals see. */
import { literalExpression } from '../../../analysis/patterns/literal.js';

const HIDDEN = '[hidden]';
/** Shorter values are no secrets, and taking them out would tear ordinary words. */
const SHORTEST_SECRET = 4;
/** `Bearer`, `Basic` and what follows. */
const CREDENTIALS = /\b(bearer|basic)(\s+|%20|\+)[^\s"',;<>]+/gi;
/** `sk-…` keys, also where a server has masked their middle (`sk-ab***yz`). */
const SECRET_KEY = /\bsk-[\w.*…-]{6,}/gi;

/**
 * The text without the given secrets, in any letter case and also as they stand in JSON, in addresses, in base64 (wherever in a longer
 * text they stood, and decoded where they are base64 themselves) and in hexadecimal digits, and without whatever looks like a bearer token or an `sk-…` key.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const spellings = secrets
    .filter((secret) => secret.trim().length >= SHORTEST_SECRET)
    .flatMap((secret) => [secret.trim(), JSON.stringify(secret.trim()).slice(1, -1), encodeURIComponent(secret.trim()), ...listOtherForms(secret.trim())])
    // A secret may contain another one.
    .sort((left, right) => right.length - left.length);
  const known = spellings.length > 0 ? text.replace(literalExpression(spellings), HIDDEN) : text;
  return known.replace(CREDENTIALS, `$1 ${HIDDEN}`).replace(SECRET_KEY, HIDDEN);
}

/** Shorter pieces of base64 are met by chance. */
const SHORTEST_FORM = 8;

/** Servers say back what they were sent in forms of their own: a `Basic` header decoded, a key packed into base64 with what surrounds it. */
function listOtherForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const packed = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last characters hold bits of the neighbours too.
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + bytes.length) * 8) / 6);
    return whole.slice(from, to);
  });
  const isPacked = /^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(secret);
  const decoded = isPacked ? Buffer.from(secret, 'base64').toString('utf8') : '';
  const plain = /^[\x20-\x7e]{8,}$/.test(decoded) ? [decoded, decoded.slice(decoded.indexOf(':') + 1)] : [];
  const forms = [...packed, ...packed.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')), bytes.toString('hex'), ...plain];
  return forms.filter((form) => form.length >= SHORTEST_FORM);
}

/** Headers and names of variables are kept in plans and journals, which people pass on: none of them may hold a secret. */

/** Stands for an environment variable in a header's value. */
const VARIABLE = /\$\{[A-Za-z_]\w*\}/g;
const SECRET_NAME = /auth|cookie|token|secret|key|password|credential|session|signature|^x-api$/i;
const SCHEME = /^\s*(bearer|basic|token|api-?key|key)?\s*$/i;
/** How the keys of known providers begin, and what follows the name of a scheme. */
const KEY_IN_VALUE = /\b(sk|pk|rk|hf|gsk|xai|fw|tgp|AIza|AKIA)[-_][\w-]{8,}|\b(AIza|AKIA)\w{8,}|\b(bearer|basic)\s+\S{8,}/i;

/** Whether a header of this name and value holds a secret itself, rather than the name of a variable with one. */
export function holdsSecret(name: string, value: string): boolean {
  const literal = value.replace(VARIABLE, '');
  const namesOneOnly = literal !== value && SCHEME.test(literal);
  return (SECRET_NAME.test(name) && !namesOneOnly) || KEY_IN_VALUE.test(literal);
}

/** Whether it is written as names of environment variables are, and not like a key. */
export function isVariableName(name: string): boolean {
  return /^[A-Z_][A-Z0-9_]{0,60}$/.test(name) && !/\d{6}|[A-Z0-9]{16}/.test(name);
}

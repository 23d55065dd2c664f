/** Checks that the libraries found have the interface that `abi.ts` describes. */
import { ABI_VERSION, type Values } from './abi.js';

/** Why the native engine cannot run here, in a sentence for the log. */
export class NativeUnavailableError extends Error {
  override readonly name = 'NativeUnavailableError';
}

/** @throws NativeUnavailableError for any version but {@link ABI_VERSION} */
export function checkVersion(version: string): void {
  if (version !== ABI_VERSION) throw new NativeUnavailableError(`llama.cpp is ${version}, and its interface is known for ${ABI_VERSION}`);
}

/** @throws NativeUnavailableError naming the first member that has another value: the structure is laid out otherwise */
export function checkDefaults(name: string, found: Values, expected: Values): void {
  for (const [member, value] of Object.entries(expected)) {
    const actual = found[member];
    const same = value === null ? actual === null || actual === 0n : typeof actual === 'bigint' ? Number(actual) === value : actual === value;
    if (!same) throw new NativeUnavailableError(`${name}() gives ${member} = ${String(actual)}, not ${String(value)}`);
  }
}

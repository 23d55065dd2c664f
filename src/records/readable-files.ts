/** The files that a plan by somebody else may have read, by their real paths, whatever links lead there. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** Characters that begin a part of a path which is a pattern. */
const PATTERN = /[*?[\]{}()!+@]/;

/**
 * Whether a path is a folder or file itself, or lies below it with no hidden folder or file on the way: those hold settings and keys,
 * and are named one by one or not at all.
 */
export function liesVisiblyIn(path: string, root: string): boolean {
  const below = relative(root, path);
  if (below === '') return true;
  return !isAbsolute(below) && below.split(sep).every((part) => !part.startsWith('.'));
}

/** Whether a file's real path lies in one of the folders or is one of the files. @param roots real paths */
export async function isReadable(path: string, roots: readonly string[]): Promise<boolean> {
  const real = await realpath(path).catch(() => null);
  return real !== null && roots.some((root) => liesVisiblyIn(real, root));
}

/** Where a path, or a pattern of paths, begins for certain: itself, or the last folder above the first wildcard. Real, where it exists. */
export async function findBase(given: string): Promise<string> {
  const path = resolve(given);
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  const parts = path.split(/[\\/]/);
  const wild = exists ? -1 : parts.findIndex((part) => PATTERN.test(part));
  const base = wild < 0 ? path : resolve(parts.slice(0, wild).join(sep) + sep);
  return realpath(base).catch(() => base);
}

/**
 * Whether a path is on another machine, so that asking for it already sends something there (Windows signs in for
 * `\\host\share`, with the user's name and a hash of the password).
 */
export function isOnNetwork(path: string, platform: NodeJS.Platform = process.platform): boolean {
  return platform === 'win32' && /^[\\/]{2}/.test(path);
}

/** Finds the files of a corpus: what a user named, the files of folders, what globs match, always in the same order. */
import { stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { escapePath, glob, isDynamicPattern } from 'tinyglobby';
import { AuditError } from '../../audit/errors.js';

export interface CorpusFile {
  readonly path: string;
  /** Named by the user, so that it must be readable; a file met in a folder or by a glob may be passed over. */
  readonly named: boolean;
}

/** @throws AuditError `fileNotFound` */
export async function findCorpusFiles(paths: readonly string[], folder: string): Promise<CorpusFile[]> {
  const found = new Map<string, CorpusFile>();
  for (const path of paths) {
    for (const file of await findFiles(path, folder)) if (!found.has(file.path)) found.set(file.path, file);
  }
  return [...found.values()];
}

async function findFiles(path: string, folder: string): Promise<CorpusFile[]> {
  const absolute = resolve(folder, path);
  const stats = await stat(absolute).catch(() => null);
  if (stats?.isFile()) return [{ path: absolute, named: true }];
  if (stats?.isDirectory()) return expand(`${toPattern(escapePath(absolute))}/**/*`);
  const pattern = toPattern(absolute);
  if (!isDynamicPattern(pattern)) {
    throw new AuditError('fileNotFound', `There is no ${absolute}. Check the corpus path.`);
  }
  const files = await expand(pattern);
  if (files.length === 0) throw new AuditError('fileNotFound', `No file matches ${path}. Check the corpus path.`);
  return files;
}

async function expand(pattern: string): Promise<CorpusFile[]> {
  const files = await glob(pattern, { absolute: true, dot: false, onlyFiles: true, expandDirectories: false, ignore: ['**/node_modules/**'] });
  // By code units, so that the order is the same on every machine.
  return files
    .map((file) => resolve(file))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((file) => ({ path: file, named: false }));
}

function toPattern(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path;
}

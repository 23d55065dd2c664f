/**
 * The one way to what a model or an adapter is made of: a lint rule holds this process to it. A pipe in a file's place would hang the process
 * for ever, and a device never end, so that only regular files are opened, links to them included (downloads are kept as links).
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { AuditError } from '../../../audit/errors.js';
import { describeUnwritable } from '../unwritable.js';

/** Opens at once, whatever it is. Undefined on Windows, which has no pipes among its files. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export interface OpenedFile {
  /** To be closed by whoever opened it. */
  readonly descriptor: number;
  readonly stats: Stats;
}

/** @throws AuditError `fileNotFound` where it is not there or may not be read, `notGguf` where it is no regular file */
export function openModelFile(path: string): OpenedFile {
  const descriptor = open(path);
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return { descriptor, stats };
  closeSync(descriptor);
  throw notRegular(path, stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : 'a device');
}

/**
 * The whole file as text.
 * @param mostBytes of a larger file nothing is read
 * @throws AuditError as {@link openModelFile}; `corruptModel` where it is larger
 */
export function readSmallFile(path: string, mostBytes: number): string {
  const { descriptor, stats } = openModelFile(path);
  try {
    if (stats.size > mostBytes) throw new AuditError('corruptModel', `${path} is larger than ${mostBytes >> 20} MB, which is no file of its kind.`);
    const bytes = Buffer.alloc(stats.size);
    let done = 0;
    for (let count = -1; count !== 0 && done < bytes.length; done += count) count = readSync(descriptor, bytes, done, bytes.length - done, done);
    return bytes.toString('utf8', 0, done);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A file to be written that does not exist yet, its owner's alone. Whoever opened it closes it.
 * @throws AuditError `diskFull`, `refused` with the reason
 */
export function createModelFile(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (error) {
    throw describeUnwritable(error, path) ?? error;
  }
}

/** Whether there is a folder, by whatever way; what cannot be looked at is none. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function open(path: string): number {
  try {
    return openSync(path, WITHOUT_WAITING);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A socket, or a pipe that nobody reads.
    if (code === 'ENXIO' || code === 'EOPNOTSUPP') throw notRegular(path, 'a socket or device');
    throw new AuditError(
      'fileNotFound',
      code === 'ENOENT' ? `There is no file ${path}. Check the path.` : `${path} cannot be read (${message}). Check its permissions.`,
      { cause: error },
    );
  }
}

function notRegular(path: string, what: string): AuditError {
  return new AuditError('notGguf', `${path} is ${what} and no file. Choose a file, or copy the model there.`);
}

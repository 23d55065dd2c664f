/**
 * The one way to the files of an audit's folder: every journal, file of findings and lock is opened here, and a lint rule
 * holds the rest of the records to it.
 *
 * Folders come from elsewhere. A link in one would let a label or a resumed run write into any file of the user, and a pipe
 * in a file's place would never answer. So a file of an audit is a regular file or nothing. On POSIX systems it is opened
 * without following a link (`O_NOFOLLOW`) and without waiting (`O_NONBLOCK`), and what was opened is looked at again before
 * it is used. Windows has neither flag: there the file is looked at before and after it is opened, and the two must be the
 * same, so that only somebody who swaps files in between, with rights on this machine, gets through.
 *
 * Neither the folder nor the `.finetune-audits` around it may be a link (on Windows: a junction); folders above those are
 * the user's own affair. A file with a second name (a hard link) is read, but not written: its other name may be a backup or
 * another project's file. No archive or repository can bring such a name along for a file outside of itself, so that this
 * guards against accidents first of all.
 */
import { constants, createReadStream, type BigIntStats } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, rm, utimes, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AuditError } from '../../audit/errors.js';
import { describeFileError } from '../file-errors.js';

export type { FileHandle } from 'node:fs/promises';

export const AUDITS_FOLDER = '.finetune-audits';

/** The files that an audit's folder has of its own. */
export type AuditFile = 'audit.jsonl' | 'findings.jsonl' | 'audit.lock.json' | '.gitattributes';

const CHUNK_BYTES = 1 << 20;
/** File systems round times. */
const CLOCK_TOLERANCE_MS = 2000;
/** Undefined on Windows. */
const SAFELY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const FLAGS = {
  read: constants.O_RDONLY,
  /** Reads anywhere, writes at the end; made where it is missing. */
  append: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT,
  /** Writes from the beginning, over what is there; made where it is missing. Nothing is cut. */
  write: constants.O_WRONLY | constants.O_CREAT,
  /** Fails with `EEXIST` where there is anything of that name. */
  create: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
} as const;

export type OpenMode = keyof typeof FLAGS;

/**
 * @throws AuditError `badJournal` where what is there is no regular file, where a link leads there, or where it is to be
 * written and has another name; what the file system says (`ENOENT`, `EEXIST`, …) comes as it is
 */
export async function openAuditFile(folder: string, name: AuditFile, mode: OpenMode): Promise<FileHandle> {
  const real = await findRealFolder(folder);
  const path = join(folder, name);
  const writes = mode !== 'read';
  const before = await statOf(path);
  if (before) requireOwn(before, path, writes && mode !== 'create');
  const file = await open(path, FLAGS[mode] | SAFELY).catch((error: unknown) => {
    throw isLinkError(error) ? refuseLink(path, error) : error;
  });
  try {
    const opened = await file.stat({ bigint: true });
    requireOwn(opened, path, writes);
    const after = await lstat(path, { bigint: true });
    requireOwn(after, path, writes);
    if (after.ino !== opened.ino || after.dev !== opened.dev || (await findRealFolder(folder)) !== real) {
      throw new AuditError('badJournal', `${path} was replaced while it was being opened. Try again.`);
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The whole file as text.
 * @param bytesAtMost of a larger file nothing is read
 * @throws as {@link openAuditFile}; AuditError `badJournal` where it is larger
 */
export async function readAuditFile(folder: string, name: AuditFile, bytesAtMost: number): Promise<string> {
  const file = await openAuditFile(folder, name, 'read');
  try {
    const { size } = await file.stat();
    if (size > bytesAtMost)
      throw new AuditError(
        'badJournal',
        `${join(folder, name)} is larger than ${bytesAtMost >> 20} MiB, which no audit of this program comes to. It is left as it is.`,
      );
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The file in pieces, from its beginning. @throws as {@link openAuditFile} */
export async function* streamAuditFile(folder: string, name: AuditFile, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const file = await openAuditFile(folder, name, 'read');
  // Closes the file when it ends.
  yield* createReadStream('', { fd: file, highWaterMark: CHUNK_BYTES, start: 0, ...(signal && { signal }) }) as AsyncIterable<Buffer>;
}

/** Whether there is anything of that name, whatever it is. */
export async function hasAuditFile(folder: string, name: AuditFile): Promise<boolean> {
  return (await statOf(join(folder, name))) !== null;
}

/** Takes the name away; a link goes itself, not what it leads to. No error where there is none. */
export async function removeAuditFile(folder: string, name: AuditFile): Promise<void> {
  await findRealFolder(folder);
  await rm(join(folder, name), { force: true });
}

/**
 * Makes the folder where it is missing.
 * @throws AuditError `badJournal` where it is a link, or no folder
 */
export async function makeAuditFolder(folder: string): Promise<void> {
  await refuseLinkedFolder(folder);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'EEXIST' || code === 'ENOTDIR'
      ? new AuditError('badJournal', `${folder} is no folder, so no audit can be kept there. Choose another.`, { cause: error })
      : error;
  });
  await findRealFolder(folder);
}

/** @throws AuditError `badJournal` where there is something of the lock's name, and it is no folder */
export async function requireLockFolder(folder: string, lock: string): Promise<void> {
  await findRealFolder(folder);
  const path = join(folder, lock);
  const stats = await statOf(path);
  if (stats && !stats.isDirectory()) throw new AuditError('badJournal', `${path} is no folder, so that it is no lock of an audit. Delete it, then try again.`);
}

/** Dates a lock back that was dated ahead of this machine's clock, so that it counts as abandoned. Milliseconds. */
export async function makeStale(folder: string, lock: string, staleMs: number): Promise<void> {
  const path = join(folder, lock);
  const stats = await statOf(path);
  if (!stats?.isDirectory() || Number(stats.mtimeMs) <= Date.now() + CLOCK_TOLERANCE_MS) return;
  const past = new Date(Date.now() - 2 * staleMs);
  await utimes(path, past, past).catch(() => undefined);
}

/** Paths of what lies in `.finetune-audits` under a root; none where that is missing, a link, or no folder. */
export async function listAuditFolders(root: string): Promise<string[]> {
  const parent = join(root, AUDITS_FOLDER);
  if (!(await statOf(parent).catch(() => null))?.isDirectory()) return [];
  return listFolder(parent);
}

/** Paths of what is in a folder; nothing where it cannot be read. */
export async function listFolder(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
}

/** Whether both are the same, by whatever way. */
export async function isSameFolder(first: string, second: string): Promise<boolean> {
  const [one, other] = await Promise.all([first, second].map((folder) => realpath(folder).catch(() => resolve(folder))));
  return one === other;
}

/** @throws AuditError `badJournal` where the folder, or the audits' folder around it, is a link or no folder */
async function findRealFolder(folder: string): Promise<string> {
  await refuseLinkedFolder(folder);
  return realpath(folder);
}

async function refuseLinkedFolder(folder: string): Promise<void> {
  const absolute = resolve(folder);
  const parent = dirname(absolute);
  for (const path of isAuditsFolder(parent) ? [parent, absolute] : [absolute]) {
    const stats = await statOf(path);
    if (stats && !stats.isDirectory()) {
      throw new AuditError(
        'badJournal',
        stats.isSymbolicLink()
          ? `${path} is a link. An audit’s folder must be none: open the folder that it leads to.`
          : `${path} is no folder. Choose an audit’s folder.`,
      );
    }
  }
}

/** By whatever letter case, and with what Windows leaves off a name's end: file systems that make no difference know it by these, too. */
function isAuditsFolder(path: string): boolean {
  return (
    basename(path)
      .replace(/[. ]+$/, '')
      .toLowerCase() === AUDITS_FOLDER
  );
}

/** `null` where there is nothing. */
async function statOf(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** @param writes whether it is to be written */
function requireOwn(stats: BigIntStats, path: string, writes: boolean): void {
  if (stats.isSymbolicLink()) throw refuseLink(path);
  if (!stats.isFile()) {
    const what = stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
    throw new AuditError('badJournal', `${path} is ${what} and no file. An audit keeps only regular files: move it away.`);
  }
  if (writes && stats.nlink > 1n) {
    throw new AuditError(
      'badJournal',
      `${path} has another name elsewhere (a hard link), so that writing here would change it there. Put a copy of the file in its place, then try again.`,
    );
  }
}

function refuseLink(path: string, cause?: unknown): AuditError {
  return new AuditError('badJournal', `${path} is a link. An audit keeps only regular files: put the file itself in its place.`, { cause });
}

/** Linux and macOS say ELOOP, FreeBSD EMLINK. */
function isLinkError(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ELOOP' || code === 'EMLINK';
}

/**
 * A file that the user named, link or not: the whole of it, if it is a regular one.
 * @param bytesAtMost of a larger file nothing is read
 * @throws what the file system says; Error in words where it is no file, or too large
 */
export async function readNamedFile(path: string, bytesAtMost: number, signal?: AbortSignal): Promise<Buffer> {
  // A pipe would never answer.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    if (!stats.isFile()) throw new Error('it is no regular file');
    if (stats.size > bytesAtMost) throw new Error(`it is larger than ${bytesAtMost >> 20} MiB`);
    return await file.readFile({ ...(signal && { signal }) });
  } finally {
    await file.close();
  }
}

/** What went wrong with a file of an audit, in words. */
export function describeAuditFileError(error: unknown, folder: string, name: AuditFile, doing: 'read' | 'write'): AuditError {
  return describeFileError(error, join(folder, name), doing);
}

/** A folder for model files that are made for one run and removed after it, beside the downloaded ones. */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { writingTo } from './unwritable.js';

const NAME = /^temporary-(?<owner>\d+)-/;

/** A folder of another machine, which shares the disk, looks like one of a program that has ended. */
const STALE_MS = 24 * 60 * 60 * 1000;

export interface TemporaryFolder {
  readonly path: string;
  /** Removes it with all that is in it. What is still in use on Windows stays until a later run removes it. */
  remove(): Promise<void>;
}

/** Makes one, and removes those that a program left behind which ended before it could. @throws AuditError `diskFull`, `refused` with the reason */
export async function makeTemporaryFolder(beside: string): Promise<TemporaryFolder> {
  const path = await writingTo(beside, async () => {
    await mkdir(beside, { recursive: true });
    await removeStale(beside);
    return mkdtemp(join(beside, `temporary-${process.pid}-`));
  });
  return { path, remove: () => removeFolder(path) };
}

async function removeStale(beside: string): Promise<void> {
  for (const name of await readdir(beside)) {
    const owner = NAME.exec(name)?.groups?.['owner'];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const path = join(beside, name);
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - changed > STALE_MS) await removeFolder(path);
  }
}

async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

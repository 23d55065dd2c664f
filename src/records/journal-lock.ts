/** One writer per journal at a time, across processes and machines that share the folder. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { z } from 'zod';
import { AuditError } from '../audit/errors.js';
import { describeFileError } from './file-errors.js';

const LOCK = 'audit.lock';
const OWNER = 'audit.lock.json';
/** The lock counts as abandoned when its holder has not touched it for this long. */
const STALE_MS = 15_000;
/** A holder that is known to have ended need not be waited for: only the least that the library allows. */
const STALE_MS_OWNER_GONE = 2000;
const TOUCH_MS = 1000;

const ownerSchema = z.object({ pid: z.number(), host: z.string(), user: z.string(), since: z.string() });
type Owner = z.infer<typeof ownerSchema>;

export interface JournalLock {
  /** Set once another process has taken the lock over, e.g. after this machine slept. */
  readonly lost: boolean;
  release(): Promise<void>;
}

/** @throws AuditError `journalLocked`, naming the process and machine that hold it. */
export async function lockJournal(folder: string): Promise<JournalLock> {
  const ownerPath = join(folder, OWNER);
  const formerOwner = await readOwner(folder);
  const ownerGone = formerOwner !== null && hasEnded(formerOwner);
  const state = { lost: false };
  let unlock: () => Promise<void>;
  try {
    unlock = await lockfile.lock(folder, {
      lockfilePath: join(folder, LOCK),
      update: TOUCH_MS,
      stale: ownerGone ? STALE_MS_OWNER_GONE : STALE_MS,
      retries: ownerGone ? { retries: 12, factor: 1, minTimeout: 250 } : 0,
      onCompromised: () => {
        state.lost = true;
      },
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw describeFileError(error, join(folder, LOCK), 'write');
    throw new AuditError(
      'journalLocked',
      `${folder} is being written by ${describeOwner(await readOwner(folder))}. Stop that audit first, or choose another folder.`,
      { cause: error },
    );
  }
  const owner: Owner = { pid: process.pid, host: hostname(), user: userName(), since: new Date().toISOString() };
  // Only for people and for a quicker takeover: the lock holds without it, e.g. on a full disk.
  await writeFile(ownerPath, `${JSON.stringify(owner)}\n`).catch(() => undefined);
  return {
    get lost() {
      return state.lost;
    },
    async release() {
      if (state.lost) return;
      await rm(ownerPath, { force: true }).catch(() => undefined);
      await unlock().catch(() => undefined);
    },
  };
}

/** Whether some process is writing this audit now, and who; `null` where nobody is. */
export async function findJournalWriter(folder: string): Promise<string | null> {
  const locked = await lockfile.check(folder, { lockfilePath: join(folder, LOCK), stale: STALE_MS }).catch(() => false);
  if (!locked) return null;
  const owner = await readOwner(folder);
  return owner && hasEnded(owner) ? null : describeOwner(owner);
}

async function readOwner(folder: string): Promise<Owner | null> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(join(folder, OWNER), 'utf8')));
  } catch {
    return null;
  }
}

function hasEnded(owner: Owner): boolean {
  if (owner.host !== hostname()) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function describeOwner(owner: Owner | null): string {
  if (!owner) return 'another process';
  return `process ${owner.pid} of ${owner.user} on ${owner.host} (since ${owner.since})`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'someone';
  }
}

/** One writer per journal at a time, across processes and machines that share the folder. */
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { z } from 'zod';
import { AuditError } from '../../audit/errors.js';
import { makeStale, openAuditFile, readAuditFile, removeAuditFile, requireLockFolder, type AuditFile } from './audit-files.js';
import { describeFileError } from '../file-errors.js';
import { parseJson } from '../parse-json.js';
import { checkShape } from '../../text/check-shape.js';

const LOCK = 'audit.lock';
const OWNER = 'audit.lock.json' satisfies AuditFile;
const OWNER_BYTES_AT_MOST = 1 << 16;
/** The lock counts as abandoned when its holder has not touched it for this long. */
const STALE_MS = 15_000;
/** A holder that is known to have ended need not be waited for: only the least that the library allows. */
const STALE_MS_OWNER_GONE = 2000;
const TOUCH_MS = 1000;

const name = z.string().max(256);
const ownerSchema = z.object({ pid: z.int().positive(), host: name, user: name, since: name });
type Owner = z.infer<typeof ownerSchema>;

export interface JournalLock {
  /** Set once another process has taken the lock over, e.g. after this machine slept. */
  readonly lost: boolean;
  release(): Promise<void>;
}

/** @throws AuditError `journalLocked`, naming the process and machine that hold it. */
export async function lockJournal(folder: string): Promise<JournalLock> {
  await requireLockFolder(folder, LOCK);
  const formerOwner = await readOwner(folder);
  const ownerGone = formerOwner !== null && hasEnded(formerOwner);
  // A lock that is dated ahead, since the clock was set back, would not count as abandoned until then.
  if (ownerGone) await makeStale(folder, LOCK, STALE_MS);
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
      `${folder} is being written by ${describeOwner(await readOwner(folder))}. Stop that audit first, or choose another folder. ` +
        `If that process has ended, delete the folder ${join(folder, LOCK)}, then try again.`,
      { cause: error },
    );
  }
  const owner: Owner = { pid: process.pid, host: hostname(), user: userName(), since: new Date().toISOString() };
  // Only for people and for a quicker takeover: the lock holds without it, e.g. on a full disk.
  await writeOwner(folder, owner).catch(async (error: unknown) => {
    if (!(error instanceof AuditError)) return;
    await unlock().catch(() => undefined);
    throw error;
  });
  return {
    get lost() {
      return state.lost;
    },
    async release() {
      if (state.lost) return;
      await removeAuditFile(folder, OWNER).catch(() => undefined);
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
    return checkShape(ownerSchema, parseJson(await readAuditFile(folder, OWNER, OWNER_BYTES_AT_MOST))).data ?? null;
  } catch {
    return null;
  }
}

async function writeOwner(folder: string, owner: Owner): Promise<void> {
  const file = await openAuditFile(folder, OWNER, 'write');
  try {
    await file.truncate(0);
    await file.write(`${JSON.stringify(owner)}\n`);
  } finally {
    await file.close();
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

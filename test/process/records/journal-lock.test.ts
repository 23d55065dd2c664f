/** Locks that an ended process left behind, and files that only look like them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findJournalWriter, lockJournal } from '../../../src/records/journal/journal-lock.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

/** A process that has ended: its number is free, unless the system was very quick to give it away again. */
function endedProcess(): number {
  return Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
}

/** @param ahead of this machine's clock, in seconds */
async function leaveLock(owner: unknown, ahead: number): Promise<string> {
  const folder = await makeTempFolder();
  mkdirSync(join(folder, 'audit.lock'));
  const time = Date.now() / 1000 + ahead;
  utimesSync(join(folder, 'audit.lock'), time, time);
  if (owner !== undefined) writeFileSync(join(folder, 'audit.lock.json'), typeof owner === 'string' ? owner : JSON.stringify(owner));
  return folder;
}

const DAY = 86_400;
const ownerOf = (changes: object = {}) => ({ pid: endedProcess(), host: hostname(), user: 'ada', since: '2030-01-01T00:00:00Z', ...changes });

describe('a lock whose owner on this machine has ended', { timeout: 30_000 }, () => {
  it.each([DAY, 400 * DAY, 5, 0, -DAY])('frees itself, dated %i seconds ahead', async (ahead) => {
    const folder = await leaveLock(ownerOf(), ahead);
    expect(await findJournalWriter(folder)).toBeNull();
    const lock = await lockJournal(folder);
    expect(lock.lost).toBe(false);
    expect(await findJournalWriter(folder)).toContain(`process ${process.pid}`);
    await lock.release();
    expect(existsSync(join(folder, 'audit.lock'))).toBe(false);
  });
});

describe('a lock dated ahead of which nobody knows whether its owner has ended', { timeout: 30_000 }, () => {
  it.each([
    ['on another machine', ownerOf({ host: 'elsewhere' })],
    ['that does not say who', undefined],
    ['with an owner that is none', { pid: 1e300, host: { toString: 1 }, user: -1 }],
    ['with an owner nested without end', `{"pid":${'['.repeat(20_000)}`],
    ['with a process that is none', ownerOf({ pid: -1 })],
    ['with a fraction of a process', ownerOf({ pid: 1.5 })],
  ])('stays, and says what to do: %s', async (_, owner) => {
    const folder = await leaveLock(owner, DAY);
    expect(await findJournalWriter(folder)).not.toBeNull();
    await expect(lockJournal(folder)).rejects.toMatchObject({
      code: 'journalLocked',
      message: expect.stringContaining(`If that process has ended, delete the folder ${join(folder, 'audit.lock')}`) as string,
    });
  });

  it('and so does one whose owner is at work', async () => {
    const folder = await leaveLock(ownerOf({ pid: process.ppid }), DAY);
    await expect(lockJournal(folder)).rejects.toMatchObject({ code: 'journalLocked' });
  });
});

it('a file in a lock’s place is told', async () => {
  const folder = await makeTempFolder();
  writeFileSync(join(folder, 'audit.lock'), '');
  await expect(lockJournal(folder)).rejects.toMatchObject({ code: 'badJournal', message: expect.stringContaining('is no folder') as string });
});

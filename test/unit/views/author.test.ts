/** Who signs: asked of git once in a while, not with every question. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findAuthor } from '../../../src/views/author.js';
import { makeTempFolder } from '../records/temp-folder.js';

const setUser = (folder: string, name: string) => execFileSync('git', ['config', 'user.name', name], { cwd: folder });

async function makeRepository(name: string): Promise<string> {
  const folder = await makeTempFolder();
  execFileSync('git', ['init', '-q'], { cwd: folder });
  setUser(folder, name);
  return folder;
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

it('remembers what git said for a minute, by folder', async () => {
  const [one, two] = [await makeRepository('Ada'), await makeRepository('Bob')];
  expect(await Promise.all([findAuthor('', one), findAuthor('', two), findAuthor('', one)])).toEqual(['Ada', 'Bob', 'Ada']);
  setUser(one, 'Eve');
  vi.advanceTimersByTime(59_000);
  expect(await findAuthor('', one)).toBe('Ada');
  vi.advanceTimersByTime(2000);
  expect(await findAuthor('', one)).toBe('Eve');
});

it('takes the setting as it is now', async () => {
  const folder = await makeRepository('Ada');
  expect(await findAuthor('', folder)).toBe('Ada');
  expect(await findAuthor(' Bob ', folder)).toBe('Bob');
  expect(await findAuthor('', folder)).toBe('Ada');
  expect(await findAuthor('', undefined)).not.toBe('');
});

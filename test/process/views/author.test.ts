/** Who signs: one rule for every window, told once, and one person under several names. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import type { Memory } from '../../../src/editor/memory.js';
import { FindingsAuthor, type KnownNames } from '../../../src/editor/author.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

afterEach(() => void vi.unstubAllEnvs());

function makeAuthor(names: KnownNames, setting = { value: '' }, stored = new Map<string, unknown>()): FindingsAuthor {
  const memory: Memory = { get: <T>(key: string) => stored.get(key) as T | undefined, update: async (key, value) => void stored.set(key, value) };
  return new FindingsAuthor(
    memory,
    () => setting.value,
    async () => names,
  );
}

it('asks the user’s own git, wherever the window is', async () => {
  const folder = await makeTempFolder();
  execFileSync('git', ['init', '-q'], { cwd: folder });
  execFileSync('git', ['config', 'user.name', 'Planted'], { cwd: folder });
  const global = join(folder, 'global.gitconfig');
  writeFileSync(global, '[user]\n\tname = Ada Lovelace\n');
  vi.stubEnv('GIT_CONFIG_GLOBAL', global);
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  const author = new FindingsAuthor({ get: () => undefined, update: async () => undefined }, () => '');
  expect((await author.find()).name).toBe('Ada Lovelace');
  vi.restoreAllMocks();
});

it('takes the account where git has no name', async () => {
  vi.stubEnv('GIT_CONFIG_GLOBAL', join(await makeTempFolder(), 'none'));
  const author = new FindingsAuthor({ get: () => undefined, update: async () => undefined }, () => '');
  expect((await author.find()).name).toBe(userInfo().username);
});

it('is told with the first finding and never again, and stays whatever git says later', async () => {
  const names = { git: '', account: 'ada' };
  const stored = new Map<string, unknown>();
  expect(await makeAuthor(names, undefined, stored).decide()).toBe('ada');
  const later = makeAuthor({ git: 'Ada Lovelace', account: 'ada' }, undefined, stored);
  expect(await later.decide()).toBeNull();
  expect(await later.find()).toEqual({ name: 'ada', also: ['Ada Lovelace'] });
});

it('knows git’s name and the account’s as one person, but for accounts that many people have', async () => {
  expect(await makeAuthor({ git: 'Ada Lovelace', account: 'ada' }).find()).toEqual({ name: 'Ada Lovelace', also: ['ada'] });
  expect(await makeAuthor({ git: 'Ada Lovelace', account: 'root' }).find()).toEqual({ name: 'Ada Lovelace', also: [] });
});

it('takes the setting as it is now, and as nobody else unless that was said', async () => {
  const setting = { value: ' Bob ' };
  const author = makeAuthor({ git: 'Ada Lovelace', account: 'ada' }, setting);
  expect(await author.find()).toEqual({ name: 'Bob', also: [] });
  expect(await author.decide()).toBeNull();
  await author.join('Bob', 'Ada Lovelace');
  await author.join('Robert', 'Bob');
  expect(await author.find()).toEqual({ name: 'Bob', also: ['Ada Lovelace'] });
  setting.value = 'Robert';
  expect(await author.find()).toEqual({ name: 'Robert', also: ['Bob', 'Ada Lovelace'] });
  setting.value = 'Eve';
  expect(await author.find()).toEqual({ name: 'Eve', also: [] });
});

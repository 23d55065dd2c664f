/** The lock file holds every package to its contents, but for the platform packages that a mirror may not serve. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkLock, KNOWN_WITHOUT_HASH } from '../../release/check-lock.mjs';

const root = join(import.meta.dirname, '../../..');
const readLock = () => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

test('the lock file as it is committed passes, and every known exception is one', () => {
  const { known, unknown, addresses } = checkLock(readLock());
  expect({ unknown, addresses }).toEqual({ unknown: [], addresses: [] });
  for (const path of known) expect(KNOWN_WITHOUT_HASH).toContain(path);
});

test.each([
  ['a missing hash', { version: '1.0.0' }],
  ['a weak hash', { version: '1.0.0', integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
  ['a cut hash', { version: '1.0.0', integrity: 'sha512-abc' }],
])('%s is found', (_, entry) => {
  const lock = readLock();
  lock.packages['node_modules/added'] = entry;
  expect(checkLock(lock).unknown).toEqual(['node_modules/added']);
});

test('the address of a registry is found', () => {
  const lock = readLock();
  lock.packages['node_modules/zod'].resolved = 'https://registry.example/zod.tgz';
  expect(checkLock(lock).addresses).toEqual(['node_modules/zod']);
});

test('the command tells the exceptions, and refuses them for a release', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [join(root, 'test/release/check-lock.mjs'), ...args], { encoding: 'utf8' });
  const plain = run();
  expect(plain.status).toBe(0);
  const lacking = checkLock(readLock()).known;
  for (const path of lacking) expect(plain.stdout).toContain(path);
  expect(run('--release').status).toBe(lacking.length ? 1 : 0);
});

// @ts-check
// Holds package-lock.json against what a release needs: every package has a hash of its contents, and none an address of one
// particular registry. Entries that a registry does not serve cannot be hashed there; the list below names those known, and a
// release is made only where they can be.
//
//   node test/release/check-lock.mjs             0 when nothing but the known entries lacks a hash, else 1
//   node test/release/check-lock.mjs --release   0 only when every entry has one
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** node-llama-cpp's binaries for platforms that not every registry mirror holds. */
export const KNOWN_WITHOUT_HASH = [
  'linux-riscv64',
  'mac-arm64-metal',
  'mac-x64',
  'win-arm64',
  'win-x64',
  'win-x64-cuda',
  'win-x64-cuda-ext',
  'win-x64-vulkan',
].map((platform) => `node_modules/@node-llama-cpp/${platform}`);

/**
 * @typedef {{integrity?: string, resolved?: string, link?: boolean}} LockEntry
 * @param {{packages: Record<string, LockEntry>}} lock
 * @returns {{known: string[], unknown: string[], addresses: string[]}} paths of entries without a hash, known and not; of entries with an address
 */
export function checkLock(lock) {
  const entries = Object.entries(lock.packages).filter(([path, entry]) => path !== '' && !entry.link);
  const without = entries.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')).map(([path]) => path);
  return {
    known: without.filter((path) => KNOWN_WITHOUT_HASH.includes(path)),
    unknown: without.filter((path) => !KNOWN_WITHOUT_HASH.includes(path)),
    addresses: entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  const { known, unknown, addresses } = checkLock(lock);
  for (const path of known) console.log(`no hash, since not every registry serves it: ${path}`);
  for (const path of unknown) console.error(`NO HASH: ${path}`);
  for (const path of addresses) console.error(`address of one registry: ${path} (npm config set omit-lockfile-registry-resolved true, then npm install)`);
  const isRelease = process.argv.includes('--release');
  if (isRelease && known.length)
    console.error('A release needs every hash: run npm install where the registry serves these packages, then commit the lock file.');
  console.log(`${Object.keys(lock.packages).length - 1} entries, ${known.length + unknown.length} without a hash.`);
  process.exitCode = unknown.length || addresses.length || (isRelease && known.length) ? 1 : 0;
}

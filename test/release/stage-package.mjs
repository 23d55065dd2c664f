// @ts-check
// Lays out in a folder of its own what one package of the extension is made of, as if the extension were installed on that platform.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageReadme } from './package-readme.mjs';
import { isForeign } from './targets.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Of the repository's own files; .vscodeignore has the last word. */
const OWN = ['media', 'l10n', 'package.nls.json', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md', 'CITATION.cff', '.vscodeignore', 'package-lock.json'];

/** A package of this platform's binaries cannot be had here. */
export class MissingBinaries extends Error {}

/**
 * @param {import('./targets.mjs').Target} target
 * @param {{folder: string, cuda?: boolean}} options an empty folder to lay it out in
 * @throws {MissingBinaries} where the registry in use does not serve a package of binaries, or the lock file has no hash of it
 */
export function stagePackage(target, { folder, cuda = false }) {
  /** @type {{packages: Record<string, {dev?: boolean, version: string, integrity?: string}>}} */
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const wanted = [...target.binaries, ...(cuda ? target.cuda : [])];
  for (const path of wanted) {
    if (existsSync(join(ROOT, path))) copy(path, folder);
    else fetchPackage(path, lock.packages[path], folder);
  }
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    if (path === '' || dev || isForeign(`${path}/`, target, cuda) || wanted.includes(path)) continue;
    // What is optional need not be installed; a package inside another one comes along with it.
    if (existsSync(join(ROOT, path)) && !/node_modules\/.*node_modules\//.test(path)) copy(path, folder);
  }
  for (const path of OWN) copy(path, folder);
  // Pictures of the README are shown from the repository's address, or not at all.
  rmSync(join(folder, 'media/screenshots'), { recursive: true });
  writeManifest(folder);
  if (cuda) allowCuda(folder);
  runNode(['esbuild.mjs', '--production', `--outdir=${join(folder, 'dist')}`]);
}

/**
 * @param {string} path
 * @param {string} folder
 */
function copy(path, folder) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  cpSync(join(ROOT, path), join(folder, path), { recursive: true, dereference: true });
}

/** The manifest without what only a checkout can do, and the README that goes with it. @param {string} folder */
function writeManifest(folder) {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  delete manifest.scripts;
  delete manifest.devDependencies;
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  writeFileSync(join(folder, 'README.md'), manifest.repository ? readme : packageReadme(readme));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @param {string} folder */
function allowCuda(folder) {
  const path = join(folder, '.vscodeignore');
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, lines.filter((line) => !/^node_modules\/@node-llama-cpp\/\*-cuda/.test(line)).join('\n'));
}

/**
 * Another platform's package, from the registry in use, held to the lock file's hash.
 * @param {string} path under node_modules
 * @param {{version: string, integrity?: string} | undefined} entry of the lock file
 * @param {string} folder
 */
function fetchPackage(path, entry, folder) {
  const name = path.slice('node_modules/'.length);
  if (entry?.integrity === undefined) {
    throw new MissingBinaries(`the lock file has no hash for ${name}, because the registry that made it does not serve that package`);
  }
  const scratch = mkdtempSync(join(tmpdir(), 'finetune-auditor-fetch-'));
  try {
    const { status } = spawnSync('npm', ['pack', `${name}@${entry.version}`, '--pack-destination', scratch, '--silent'], {
      stdio: ['ignore', 'ignore', 'ignore'],
      shell: process.platform === 'win32',
    });
    const archive = readdirSync(scratch)[0];
    if (status !== 0 || archive === undefined) throw new MissingBinaries(`the registry in use does not serve ${name} ${entry.version}`);
    const hash = `sha512-${createHash('sha512')
      .update(readFileSync(join(scratch, archive)))
      .digest('base64')}`;
    if (hash !== entry.integrity) throw new Error(`${name} ${entry.version} is not what the lock file says: its hash is ${hash}.`);
    mkdirSync(join(folder, path), { recursive: true });
    const unpacked = spawnSync('tar', ['-xzf', join(scratch, archive), '--strip-components=1', '-C', join(folder, path)], { stdio: 'inherit' });
    if (unpacked.status !== 0) throw new Error(`${archive} could not be unpacked with tar.`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {string[]} args */
function runNode(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`node ${args[0]} did not succeed.`);
}

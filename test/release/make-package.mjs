// @ts-check
// One package of the extension: laid out, packed, and its list of files checked.
import { createVSIX, listFiles } from '@vscode/vsce';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stagePackage } from './stage-package.mjs';
import { isForeign, LARGEST_PACKAGE } from './targets.mjs';

const BINARY = /\.(node|so(\.\d+)*|dylib|dll|exe|metal)$/;
/** What only a checkout, a compiler or a test needs. */
const NEEDLESS =
  /(^|\/)(cmake-js|node-api-headers|node-addon-api|typescript)\/|gitRelease\.bundle|yarn\.lock|package-lock\.json|\.travis\.yml|\.map$|\.(tsx?|c|cc|cpp|h)$/;

/**
 * @param {import('./targets.mjs').Target} target
 * @param {{out: string, cuda?: boolean}} options path of the .vsix to write
 * @returns {Promise<{bytes: number, files: number}>}
 * @throws {import('./stage-package.mjs').MissingBinaries} where its binaries cannot be had here
 * @throws {Error} naming what does not belong in it, or how much too large it is
 */
export async function makePackage(target, { out, cuda = false }) {
  const folder = mkdtempSync(join(tmpdir(), 'finetune-auditor-package-'));
  try {
    stagePackage(target, { folder, cuda });
    const files = await listFiles({ cwd: folder });
    const faults = findFaults(files, target, cuda);
    if (faults.length) throw new Error(`The package ${target.name} does not hold what it should: ${faults.join('; ')}`);
    mkdirSync(dirname(out), { recursive: true });
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    await createVSIX({
      cwd: folder,
      packagePath: out,
      allowMissingRepository: true,
      ...(manifest.repository === undefined && { rewriteRelativeLinks: false }),
      ...(target.name !== 'universal' && { target: target.name }),
    });
    const bytes = statSync(out).size;
    if (!cuda && bytes > LARGEST_PACKAGE) throw new Error(`The package ${target.name} has ${bytes} bytes; at most ${LARGEST_PACKAGE} are allowed.`);
    return { bytes, files: files.length };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {readonly string[]} files of a package, with forward slashes
 * @param {import('./targets.mjs').Target} target
 * @param {boolean} [cuda]
 * @returns {string[]} what is wrong with them, each naming a file; empty where nothing is
 */
export function findFaults(files, target, cuda = false) {
  const faults = files.flatMap((file) => {
    if (isForeign(file, target, cuda)) return [`${file} is another platform's`];
    if (NEEDLESS.test(file)) return [`${file} is not needed to run`];
    if (BINARY.test(file) && ![...target.binaries, ...(cuda ? target.cuda : [])].some((folder) => file.startsWith(`${folder}/`))) {
      return [`${file} is a binary that no list names`];
    }
    return [];
  });
  for (const folder of target.binaries) {
    if (!files.some((file) => file.startsWith(`${folder}/`) && BINARY.test(file))) faults.push(`${folder} holds no binary`);
  }
  for (const file of [
    'dist/extension.cjs',
    'dist/model-process.mjs',
    'dist/webview.js',
    'dist/THIRD-PARTY-NOTICES.txt',
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
  ]) {
    if (!files.includes(file)) faults.push(`${file} is missing`);
  }
  return faults;
}

// @ts-check
// The licences of the packages that esbuild put into dist/, as one text that is shipped with them. Packages that are shipped
// as they are, under node_modules, bring their own licence files; the few that have none are named here, too.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|notice|copying)/i;

/**
 * @param {Iterable<import('esbuild').Metafile>} metafiles of all programs in dist/
 * @param {string} root folder that the metafiles' paths are relative to
 * @returns {string} one section a package: name, version, licence, the text of each licence file
 * @throws {Error} naming a bundled package that states no licence at all
 */
export function thirdPartyNotices(metafiles, root) {
  const folders = new Set();
  for (const metafile of metafiles)
    for (const input of Object.keys(metafile.inputs)) if (input.includes('node_modules/')) folders.add(packageFolder(root, input));
  for (const folder of installedForRunning(root)) if (!licenceFiles(folder).length) folders.add(folder);
  const sections = [...folders].sort().map(describePackage);
  return ['Finetune Auditor contains the following packages, under the licences that stand with each.', ...sections].join(`\n\n${'='.repeat(100)}\n\n`);
}

/**
 * Folders of the packages that are needed to run and are installed here, by the lock file.
 * @param {string} root
 */
function installedForRunning(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.keys(packages)
    .filter((path) => path && !packages[path].dev && !packages[path].devOptional && existsSync(join(root, path, 'package.json')))
    .map((path) => join(root, path));
}

/** @param {string} folder */
function licenceFiles(folder) {
  return readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .sort();
}

/**
 * The folder of the package that a bundled file belongs to: the nearest one whose package.json has a name and a version (some
 * packages hold nameless ones that only say `"type": "module"`).
 * @param {string} root
 * @param {string} input
 */
function packageFolder(root, input) {
  for (let folder = dirname(join(root, input)); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
      if (name && version) return folder;
    }
  }
  throw new Error(`${input} belongs to no package.`);
}

/** @param {string} folder */
function describePackage(folder) {
  const { name, version, license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = licenceFiles(folder);
  if (!license) throw new Error(`${name} ${version} is bundled but states no licence.`);
  if (!files.length) {
    const owner = typeof author === 'object' ? author.name : author;
    const source = typeof repository === 'object' ? repository.url : repository;
    return [
      `${name} ${version} (${license})`,
      'The package has no licence file of its own.',
      ...(owner ? [`Author: ${owner}`] : []),
      ...(source ? [`Source: ${source}`] : []),
    ].join('\n');
  }
  const texts = files.map((file) => `--- ${file} ---\n\n${readFileSync(join(folder, file), 'utf8').trim()}`);
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
}

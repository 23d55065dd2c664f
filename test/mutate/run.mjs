// @ts-check
// Changes the code in small ways, one at a time, and tells which changes no test of the `pure` project notices:
//
//   npm run mutate                             every folder below; a long run
//   npm run mutate -- src/audit                one of them
//   npm run mutate -- src/audit/random.ts      one file, with every change that went unnoticed
//
// Prints the share of noticed changes per folder, and exits with 1 where a folder is below its threshold. Tests with processes
// are left out: they take too long for every change.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RESULTS = join(ROOT, 'test/results/mutate');

/**
 * `tests`: folders of `test/pure` that are about it. `least`: percent of changes that they must notice; it is raised with the tests, and the
 * aim is 85.
 * @type {readonly {folder: string, tests: readonly string[], least: number}[]}
 */
const FOLDERS = [
  { folder: 'src/audit', tests: ['audit', 'analysis'], least: 65 },
  { folder: 'src/analysis', tests: ['audit', 'analysis'], least: 65 },
  { folder: 'src/records', tests: ['records'], least: 50 },
  { folder: 'src/runner', tests: ['runner'], least: 25 },
  { folder: 'webview/state', tests: ['webview'], least: 60 },
];

/** @typedef {{status: string, mutatorName: string, replacement?: string, location: {start: {line: number, column: number}}}} Mutant */

const chosen = process.argv.slice(2).map((path) => relative(ROOT, resolve(path)).replaceAll('\\', '/'));
const unknown = chosen.filter(
  (path) => !FOLDERS.some(({ folder }) => path === folder || path.startsWith(`${folder}/`)) || !statSync(join(ROOT, path), { throwIfNoEntry: false }),
);
if (unknown.length) {
  console.error(`${unknown.join(', ')} is not mutated. Folders: ${FOLDERS.map(({ folder }) => folder).join(', ')}`);
  process.exit(2);
}
/** @type {string[]} */
const lines = [];
for (const entry of FOLDERS) {
  const paths = chosen.length === 0 ? [entry.folder] : chosen.filter((path) => path === entry.folder || path.startsWith(`${entry.folder}/`));
  for (const path of paths) lines.push(mutate(path, entry));
}
console.log(`\n${lines.join('\n')}`);

/**
 * @param {string} path folder or file, from the root
 * @param {(typeof FOLDERS)[number]} entry the folder that it belongs to
 * @returns {string} its score, in words
 */
function mutate(path, { folder, tests, least }) {
  const results = join(RESULTS, folder.replace('/', '-'));
  mkdirSync(results, { recursive: true });
  const isFile = /\.tsx?$/.test(path);
  const stryker = join(ROOT, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const { status } = spawnSync(process.execPath, [stryker, 'run', 'test/mutate/stryker.config.mjs', '--mutate', isFile ? path : `${path}/**/*.ts`], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, MUTATE_TESTS: tests.join(','), MUTATE_RESULTS: results },
  });
  if (status !== 0) {
    process.exitCode = 1;
    return `${path}: no result, since the mutation run failed`;
  }
  /** @type {{files: Record<string, {mutants: Mutant[]}>}} */
  const report = JSON.parse(readFileSync(join(results, 'report.json'), 'utf8'));
  const mutants = Object.entries(report.files)
    .filter(([file]) => file === path || file.startsWith(`${path}/`))
    .flatMap(([file, { mutants }]) => mutants.map((mutant) => ({ file, ...mutant })));
  const noticed = mutants.filter((mutant) => ['Killed', 'Timeout'].includes(mutant.status));
  const unnoticed = mutants.filter((mutant) => ['Survived', 'NoCoverage'].includes(mutant.status));
  for (const { file, location, mutatorName, replacement, status } of unnoticed) {
    const why = status === 'NoCoverage' ? 'no test gets here' : 'unnoticed';
    console.log(`${file}:${location.start.line}:${location.start.column} ${mutatorName}, ${why}: ${(replacement ?? '').replaceAll(/\s+/g, ' ').slice(0, 80)}`);
  }
  const score = (100 * noticed.length) / Math.max(1, noticed.length + unnoticed.length);
  const told = `${path}: ${score.toFixed(1)} % of ${noticed.length + unnoticed.length} changes are noticed`;
  // A threshold is for the whole of its folder.
  if (path !== folder) return told;
  if (score < least) process.exitCode = 1;
  return `${told}; at least ${least} % must be${score < least ? ': TOO FEW' : ''}`;
}

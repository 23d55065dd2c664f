// @ts-check
// Changes the code in small ways, one at a time, and tells which changes no test notices:
//
//   npm run mutate                                        every folder below; a long run
//   npm run mutate -- src/audit                           one of them
//   npm run mutate -- src/audit/random.ts src/audit/seam.ts   some files, with every change that went unnoticed
//   npm run mutate -- --stored [PATH ...]                 runs nothing: the scores of what was run before
//
// Prints the share of noticed changes per file and per folder, and exits with 1 where a folder is below its threshold, or has files that were not
// measured as they are now. What was run before is kept: a folder can be measured file by file.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RESULTS = join(ROOT, 'test/results/mutate');

/**
 * `tests`: folders and files of tests that are about it. Of those with processes only the ones that take a few seconds together, and need nothing
 * built: each change runs those that reach it. `least`: percent of changes that they must notice; it is raised with the tests, and the aim is 85.
 * @type {readonly {folder: string, tests: readonly string[], least: number}[]}
 */
const FOLDERS = [
  { folder: 'src/audit', tests: ['test/pure/audit', 'test/pure/analysis'], least: 85 },
  { folder: 'src/analysis', tests: ['test/pure/audit', 'test/pure/analysis'], least: 65 },
  {
    folder: 'src/records',
    tests: ['test/pure/records', 'test/process/records/findings.test.ts', 'test/process/records/audit-files.test.ts'],
    least: 50,
  },
  {
    folder: 'src/runner',
    tests: ['test/pure/runner', 'test/process/runner/draft-conclusion.test.ts', 'test/process/views/tool-answers.test.ts'],
    least: 39,
  },
  { folder: 'webview/state', tests: ['test/pure/webview'], least: 72 },
];

/** @typedef {{status: string, mutatorName: string, replacement?: string, location: {start: {line: number, column: number}}}} Mutant */

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { stored: { type: 'boolean' }, concurrency: { type: 'string' } } });
const chosen = positionals.map((path) => relative(ROOT, resolve(path)).replaceAll('\\', '/'));
const unknown = chosen.filter((path) => !FOLDERS.some(({ folder }) => isIn(folder, path)) || !statSync(join(ROOT, path), { throwIfNoEntry: false }));
if (unknown.length) {
  console.error(`${unknown.join(', ')} is not mutated. Folders: ${FOLDERS.map(({ folder }) => folder).join(', ')}`);
  process.exit(2);
}
/** @type {string[]} */
const lines = [];
for (const entry of FOLDERS) {
  const paths = chosen.length === 0 ? [entry.folder] : chosen.filter((path) => isIn(entry.folder, path));
  if (paths.length === 0) continue;
  if (!options.stored && !mutate(paths, entry)) {
    process.exitCode = 1;
    lines.push(`${paths.join(', ')}: no result, since the mutation run failed`);
  } else lines.push(...tellScores(paths, entry));
}
console.log(`\n${lines.join('\n')}`);

/**
 * @param {string} folder
 * @param {string} path
 */
function isIn(folder, path) {
  return path === folder || path.startsWith(`${folder}/`);
}

/**
 * @param {string} folder
 * @returns {string} where its results are
 */
function resultsOf(folder) {
  return join(RESULTS, folder.replace('/', '-'));
}

/**
 * @param {readonly string[]} paths folders or files, from the root
 * @param {(typeof FOLDERS)[number]} entry the folder that they belong to
 * @returns {boolean} whether the run came to its end
 */
function mutate(paths, { folder, tests }) {
  const results = resultsOf(folder);
  mkdirSync(results, { recursive: true });
  const files = paths.map((path) => (/\.tsx?$/.test(path) ? path : `${path}/**/*.ts`)).join(',');
  const stryker = join(ROOT, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const { status } = spawnSync(
    process.execPath,
    [stryker, 'run', 'test/mutate/stryker.config.mjs', '--mutate', files, '--concurrency', options.concurrency ?? '2'],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, MUTATE_TESTS: tests.join(';'), MUTATE_RESULTS: results } },
  );
  return status === 0;
}

/**
 * Of stored results; prints every change that went unnoticed in the files that were named.
 * @param {readonly string[]} paths folders or files, from the root
 * @param {(typeof FOLDERS)[number]} entry the folder that they belong to
 * @returns {string[]} scores, in words
 */
function tellScores(paths, { folder, least }) {
  const stored = join(resultsOf(folder), 'incremental.json');
  /** @type {{files: Record<string, {source: string, mutants: Mutant[]}>}} */
  const report = existsSync(stored) ? JSON.parse(readFileSync(stored, 'utf8')) : { files: {} };
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
  const told = [];
  const total = { noticed: 0, all: 0 };
  /** @type {string[]} */
  const unmeasured = [];
  for (const file of names.filter((name) => paths.some((path) => isIn(path, name))).sort()) {
    const measured = report.files[file];
    if (measured?.source !== readFileSync(join(ROOT, file), 'utf8')) {
      unmeasured.push(file);
      continue;
    }
    const noticed = measured.mutants.filter(({ status }) => ['Killed', 'Timeout'].includes(status)).length;
    const unnoticed = measured.mutants
      .filter(({ status }) => ['Survived', 'NoCoverage'].includes(status))
      .sort((a, b) => a.location.start.line - b.location.start.line);
    if (paths.includes(file)) for (const mutant of unnoticed) console.log(`${file}:${describe(mutant)}`);
    const all = noticed + unnoticed.length;
    // A file of types, or one whose every change is marked as one that cannot be noticed.
    if (all === 0) continue;
    total.noticed += noticed;
    total.all += all;
    told.push(`${file}: ${share(noticed, all)}`);
  }
  if (!paths.includes(folder)) return [...told, ...unmeasured.map((file) => `${file}: not measured as it is now`)];
  const isLow = (100 * total.noticed) / Math.max(1, total.all) < least;
  if (isLow || unmeasured.length) process.exitCode = 1;
  return [
    ...told,
    `${folder}: ${share(total.noticed, total.all)}; at least ${least} % must be${isLow ? ': TOO FEW' : ''}`,
    ...(unmeasured.length ? [`${folder}: not measured as they are now: ${unmeasured.join(', ')}`] : []),
  ];
}

/**
 * @param {number} noticed
 * @param {number} all
 */
function share(noticed, all) {
  return `${((100 * noticed) / Math.max(1, all)).toFixed(1)} % of ${all} changes are noticed`;
}

/** @param {Mutant} mutant */
function describe({ location: { start }, mutatorName, replacement = '', status }) {
  const why = status === 'NoCoverage' ? 'no test gets here' : 'unnoticed';
  return `${start.line}:${start.column} ${mutatorName}, ${why}: ${replacement.replaceAll(/\s+/g, ' ').slice(0, 80)}`;
}

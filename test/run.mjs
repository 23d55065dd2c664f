// @ts-check
// The one command for all tests, which installs what it needs after nothing but a clone:
//
//   node test/run.mjs                    everything
//   node test/run.mjs pure e2e           some stages of: types, lint, format, build, pure, process, soak, integration, e2e
//
// Ends with one line `N passed, N failed`; types are three checks, lint, format and build one each.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findLlamaServer } from './peers/llama-server.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RESULTS = join(ROOT, 'test/results');

/** @typedef {{passed: number, failed: number, failures?: readonly string[]}} Counts `failures` say what failed, also what passed when it was run again */
/**
 * `beside`: runs beside the stage before it.
 * @type {{name: string, beside?: boolean, needsBuild?: boolean, needsTestBed?: boolean, run: () => Promise<Counts>}[]}
 */
const STAGES = [
  // Each side with what it has: the host no document, the page no Node, tests both.
  {
    name: 'types',
    run: async () => sumCounts(await Promise.all(['src', 'webview', '.'].map((side) => runCheck('node_modules/typescript/bin/tsc', '--project', side)))),
  },
  { name: 'lint', beside: true, run: () => runCheck('node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.') },
  { name: 'format', beside: true, run: () => runCheck('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.') },
  { name: 'build', run: () => runCheck('esbuild.mjs') },
  { name: 'pure', run: () => runVitest('pure') },
  { name: 'process', needsBuild: true, run: () => runVitestTwice('process') },
  { name: 'soak', run: async () => (await import('./soak/run.mjs')).runSoak() },
  { name: 'integration', beside: true, needsBuild: true, needsTestBed: true, run: runIntegrationTests },
  { name: 'e2e', needsBuild: true, needsTestBed: true, run: () => runVitestTwice('e2e') },
];

/** @type {string[]} what each stage took */
const times = [];
/** @type {string[]} of all stages, printed again at the end where nobody has to look for them */
const failures = [];
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !STAGES.some((stage) => stage.name === name));
if (unknown.length) {
  console.error(`There is no stage ${unknown.join(', ')}. Stages: ${STAGES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
process.exitCode = await runStages(chosen.length ? chosen : STAGES.map(({ name }) => name));

/**
 * Later stages run although an earlier one failed, except those that need what could not be made.
 * @param {string[]} names
 * @returns {Promise<number>} exit code
 */
async function runStages(names) {
  const total = { passed: 0, failed: 0 };
  const wanted = STAGES.filter(({ name }) => names.includes(name));
  const stages = wanted.some(({ needsBuild }) => needsBuild) ? STAGES.filter((stage) => stage.name === 'build' || wanted.includes(stage)) : wanted;
  mkdirSync(RESULTS, { recursive: true });

  const add = (/** @type {Counts} */ counts) => {
    total.passed += counts.passed;
    total.failed += counts.failed;
    return counts.failed === 0;
  };
  const install = (/** @type {string} */ name, /** @type {string[]} */ ...args) =>
    runStage(name, async () => ({ passed: 0, failed: (await runNode(args)) === 0 ? 0 : 1 }));
  const installed = add(await install('packages', 'src/cli/bootstrap.mjs', '--only-install'));
  if (installed && wanted.some(({ name }) => name === 'process') && findLlamaServer() === null) {
    console.log('Note: llama.cpp’s own server is not built here, so the tests with it are left out. To build it once and run them: npm run test:peers');
  }
  const hasBed = installed && (!wanted.some(({ needsTestBed }) => needsTestBed) || add(await install('test bed', 'test/bed/install.mjs')));
  let built = true;
  /** @type {Promise<unknown>} */
  let before = Promise.resolve();
  for (const stage of installed ? stages : []) {
    if (!stage.beside) await before;
    const missing = [...(stage.needsBuild && !built ? ['the build failed'] : []), ...(stage.needsTestBed && !hasBed ? ['there is no test bed'] : [])];
    if (missing.length) {
      console.log(`\n=== ${stage.name}: left out, since ${missing.join(' and ')}`);
      continue;
    }
    const running = runStage(stage.name, stage.run).then((counts) => {
      const ok = add(counts);
      if (stage.name === 'build') built = ok;
    });
    before = stage.beside ? Promise.all([before, running]) : running;
  }
  await before;
  if (failures.length) console.log(`\n=== what failed\n${failures.join('\n')}`);
  console.log(`\n${times.join(', ')}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed ? 1 : 0;
}

/**
 * @param {string} name
 * @param {() => Promise<Counts>} run
 */
async function runStage(name, run) {
  console.log(`\n=== ${name}`);
  const start = Date.now();
  let counts;
  try {
    counts = await run();
  } catch (error) {
    console.error(error);
    counts = { passed: 0, failed: 1 };
  }
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  console.log(`=== ${name}: ${counts.failed ? `${counts.failed} FAILED` : 'ok'}, ${seconds} s`);
  times.push(`${name} ${seconds} s`);
  failures.push(...(counts.failures ?? (counts.failed ? [`${name}: see above`] : [])));
  return counts;
}

/**
 * @param {Counts[]} counts
 * @returns {Counts}
 */
function sumCounts(counts) {
  return counts.reduce((sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }), { passed: 0, failed: 0 });
}

/** @param {string[]} args */
async function runCheck(...args) {
  const ok = (await runNode(args)) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

/**
 * A workbench on a busy machine can miss a click, a process can come late. Where up to three files failed, they are run once more by themselves, and
 * that outcome counts; what failed first is printed all the same.
 * @param {string} project
 * @returns {Promise<Counts>}
 */
async function runVitestTwice(project) {
  const first = await runVitest(project);
  if (!first.failed || !first.failedFiles.length || first.failedFiles.length > 3) return first;
  console.log(`\n=== ${project}: once more: ${first.failedFiles.map((file) => file.name).join(', ')}`);
  const again = await runVitest(
    project,
    first.failedFiles.map((file) => file.name),
  );
  const passedBefore = first.failedFiles.reduce((sum, { passed }) => sum + passed, 0);
  return { passed: first.passed - passedBefore + again.passed, failed: again.failed, failures: [...first.failures, ...again.failures] };
}

/**
 * @param {string} project
 * @param {readonly string[]} [files] all of the project where left out
 * @returns {Promise<Counts & {failures: string[], failedFiles: {name: string, passed: number}[]}>}
 */
async function runVitest(project, files = []) {
  const report = join(RESULTS, `${project}.json`);
  rmSync(report, { force: true });
  const code = await runNode([
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...files,
  ]);
  const failedFiles = /** @type {{name: string, passed: number}[]} */ ([]);
  const failures = /** @type {string[]} */ ([]);
  const counts = { passed: 0, failed: 0, failures, failedFiles };
  if (!existsSync(report)) {
    failures.push(`${project}: Vitest ended with ${code} and left no report`);
    return { ...counts, failed: 1 };
  }
  for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    const name = relative(ROOT, file.name);
    const passed = file.assertionResults.filter((/** @type {{status: string}} */ { status }) => status === 'passed').length;
    const failedTests = file.assertionResults.filter((/** @type {{status: string}} */ { status }) => status === 'failed');
    for (const { fullName, failureMessages } of failedTests) failures.push(`${name}: ${fullName}\n${firstLines(failureMessages.join('\n'))}`);
    // A file that could not be loaded, or whose hook failed, has no failed test of its own.
    if (!failedTests.length && file.status === 'failed') failures.push(`${name}\n${firstLines(file.message ?? '')}`);
    const failed = failedTests.length || (file.status === 'failed' ? 1 : 0);
    counts.passed += passed;
    counts.failed += failed;
    if (failed) failedFiles.push({ name, passed });
  }
  if (code !== 0 && !counts.failed) {
    failures.push(`${project}: all tests passed, and Vitest ended with ${code}; an error outside of a test stands in its output above`);
    counts.failed = 1;
  }
  return counts;
}

/**
 * @param {string} message
 * @returns {string} its beginning, indented
 */
function firstLines(message) {
  return message
    .split('\n', 12)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join('\n');
}

/** @returns {Promise<Counts>} */
async function runIntegrationTests() {
  const { runIntegration } = await import('./bed/run-integration.mjs');
  return runIntegration();
}

/**
 * @param {string[]} args
 * @returns {Promise<number>} exit code
 */
function runNode(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

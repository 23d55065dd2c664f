// @ts-check
// Builds llama.cpp's own server once, from the source that comes inside node-llama-cpp, and runs the tests with it:
//
//   npm run test:peers
//
// Needs git, cmake, a C++ compiler and ten minutes or more of two cores the first time; the result is kept in the cache folder
// of the user, outside this repository.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findLlamaServer, installLlamaServer } from './llama-server.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TESTS = ['test/process/peers/llama-server.test.ts', 'test/process/models/api/llama-server.test.ts', 'test/process/acceptance/served-organisms.test.ts'];

/** @param {string[]} args */
function runNode(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

runNode('src/cli/bootstrap.mjs', '--only-install');
if (findLlamaServer() === null) installLlamaServer((line) => console.log(line));
runNode('esbuild.mjs');
runNode('node_modules/vitest/vitest.mjs', 'run', '--project', 'process', ...TESTS);

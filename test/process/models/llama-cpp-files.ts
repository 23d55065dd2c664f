/** Files of the llama.cpp that node-llama-cpp brings along as a git bundle: chat templates and vocabularies of real models. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const BUNDLE = resolve('node_modules/node-llama-cpp/llama/gitRelease.bundle');
const CACHE = resolve('node_modules/.cache/finetune-auditor');

/** The folder `models` of it. It is taken out of the bundle once. */
export function llamaCppModels(): string {
  const { size, mtimeMs } = statSync(BUNDLE);
  const folder = join(CACHE, `llama.cpp-${size}-${Math.floor(mtimeMs)}`);
  if (existsSync(folder)) return join(folder, 'models');
  mkdirSync(CACHE, { recursive: true });
  const fresh = mkdtempSync(join(CACHE, 'llama.cpp-new-'));
  const git = (...args: string[]): void => void execFileSync('git', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  git('clone', '--quiet', '--no-checkout', BUNDLE, fresh);
  git('-C', fresh, 'checkout', '--quiet', 'HEAD', '--', 'models');
  rmSync(join(fresh, '.git'), { recursive: true, force: true });
  try {
    renameSync(fresh, folder);
  } catch {
    // Another test file was quicker.
    rmSync(fresh, { recursive: true, force: true });
  }
  return join(folder, 'models');
}

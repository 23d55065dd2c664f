/** Finds the folder of the libraries that node-llama-cpp's addon loads: its package for this platform and device. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NativeUnavailableError } from './abi-check.js';

const PLATFORM_NAMES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'mac', linux: 'linux', win32: 'win' };
const ARCHITECTURE_NAMES: Record<string, string> = { arm: 'armv7l' };

/**
 * @param gpu what node-llama-cpp computes on; `false` is the CPU
 * @throws NativeUnavailableError where there is no such package
 */
export function findLibrariesFolder(gpu: string | false): string {
  const platform = PLATFORM_NAMES[process.platform] ?? process.platform;
  const name = [platform, ARCHITECTURE_NAMES[process.arch] ?? process.arch, ...(gpu === false ? [] : [gpu])].join('-');
  try {
    const require = createRequire(fileURLToPath(import.meta.resolve('node-llama-cpp')));
    const folder = join(dirname(require.resolve(`@node-llama-cpp/${name}`)), '..', 'bins', name);
    if (existsSync(folder)) return folder;
  } catch {
    // Told below.
  }
  throw new NativeUnavailableError(`there is no package @node-llama-cpp/${name}`);
}

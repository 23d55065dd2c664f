// @ts-check
// Builds the WebAssembly of the native engine from its AssemblyScript source, and gives it to esbuild as bytes in the bundle:
// `import bytes from './row-kernels.as'`.
import asc from 'assemblyscript/asc';
import { readFileSync } from 'node:fs';

const OPTIONS = ['--runtime', 'stub', '--noAssert', '--optimizeLevel', '3', '--shrinkLevel', '0', '--enable', 'simd', '--initialMemory', '1'];

/**
 * @param {string} path of an AssemblyScript file
 * @returns {Promise<Uint8Array>} the module
 * @throws {Error} with the compiler's messages
 */
export async function buildKernels(path) {
  const source = readFileSync(path, 'utf8');
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await asc.main(['kernels.ts', '--outFile', 'kernels.wasm', ...OPTIONS], {
    readFile: (name) => (name === 'kernels.ts' ? source : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  if (error || binary === undefined) throw new Error(`${path} could not be built: ${stderr.toString() || error}`);
  return binary;
}

/** @type {import('esbuild').Plugin} */
export const kernelsPlugin = {
  name: 'kernels',
  setup({ onLoad }) {
    onLoad({ filter: /\.as$/ }, async ({ path }) => ({ contents: await buildKernels(path), loader: 'binary', watchFiles: [path] }));
  },
};

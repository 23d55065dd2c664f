/** The programs as they are shipped, built into a folder of their own beside the real media and packages. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { kernelsPlugin } from '../../../esbuild.kernels.mjs';
import { afterAll, beforeAll } from 'vitest';
import { MODEL_PROGRAMS } from '../programs.js';

export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
export const MEDIA = join(REPOSITORY, 'media');

export interface BuiltPackage {
  readonly cli: string;
  readonly modelProcess: string;
  /** For what the tests of the file write. */
  readonly scratch: string;
}

/** Built before the tests of a file, gone after them. */
export function useBuiltPackage(): BuiltPackage {
  const root = mkdtempSync(join(tmpdir(), 'finetune-auditor-package-'));
  const built: BuiltPackage = {
    cli: join(root, 'dist', 'cli.mjs'),
    modelProcess: join(root, 'dist', 'model-process.mjs'),
    scratch: join(root, 'scratch'),
  };
  beforeAll(async () => {
    mkdirSync(built.scratch);
    for (const shared of ['media', 'node_modules']) symlinkSync(join(REPOSITORY, shared), join(root, shared), 'junction');
    await build({
      absWorkingDir: REPOSITORY,
      entryPoints: { cli: 'src/cli/main.ts', ...MODEL_PROGRAMS },
      outdir: join(root, 'dist'),
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      define: { __TOOL_VERSION__: '"0.0.0-test"' },
      external: ['node-llama-cpp', 'koffi'],
      plugins: [kernelsPlugin],
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return built;
}

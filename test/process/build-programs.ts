/** Builds the programs as they are shipped, once for all tests that run one: a package of its own beside the real media and packages. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { kernelsPlugin } from '../../esbuild.kernels.mjs';
import { PROGRAMS } from './programs.js';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the package that was built. */
    builtPackage: string;
  }
}

export default async function buildPrograms(project: TestProject): Promise<() => void> {
  const root = mkdtempSync(join(tmpdir(), 'finetune-auditor-package-'));
  for (const shared of ['media', 'node_modules']) symlinkSync(join(REPOSITORY, shared), join(root, shared), 'junction');
  const bundle = (): Promise<unknown> =>
    build({
      absWorkingDir: REPOSITORY,
      entryPoints: PROGRAMS,
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
  await bundle();
  project.provide('builtPackage', root);
  project.onTestsRerun(async () => void (await bundle()));
  return () => rmSync(root, { recursive: true, force: true });
}

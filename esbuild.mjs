// Bundles the programs of the extension into dist/, or into the folder of `--outdir=FOLDER`. `--watch` rebuilds on change,
// `--production` minifies.
import { build, context } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelsPlugin } from './esbuild.kernels.mjs';
import { thirdPartyNotices } from './esbuild.notices.mjs';

const production = process.argv.includes('--production');
const outdir = resolve(process.argv.find((argument) => argument.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist');
const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  metafile: true,
  sourcemap: !production,
  minify: production,
  logLevel: 'warning',
  define: { __TOOL_VERSION__: JSON.stringify(version) },
};
const node = { ...shared, platform: 'node', target: 'node20' };
// CommonJS packages inside an ES module bundle still call require().
const requireShim = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

const programs = [
  {
    ...node,
    entryPoints: { extension: 'src/extension.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    outdir,
    external: ['vscode'],
    // ES modules inside a CommonJS bundle still ask where they are; and VS Code reports whoever looks for a navigator.
    define: { ...shared.define, 'import.meta.url': '__importMetaUrl', navigator: 'undefined' },
    banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  },
  {
    ...node,
    entryPoints: {
      cli: 'src/cli/main.ts',
      'model-process': 'src/models/local/process/main.ts',
      'template-process': 'src/models/local/process/template-process.ts',
      'parent-watch': 'src/messages/parent-watch.ts',
      'parquet-process': 'src/records/tables/parquet-process/main.ts',
    },
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    outdir,
    banner: requireShim,
    external: ['node-llama-cpp', 'koffi'],
    plugins: [kernelsPlugin],
  },
  {
    ...shared,
    platform: 'browser',
    target: 'chrome128',
    entryPoints: { webview: 'webview/main.tsx' },
    format: 'iife',
    outdir,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // The icon font, next to the page's style sheet.
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  },
];

if (process.argv.includes('--watch')) {
  for (const program of programs) await (await context(program)).watch();
} else {
  const results = await Promise.all(programs.map((program) => build(program)));
  const root = fileURLToPath(new URL('.', import.meta.url));
  writeFileSync(
    join(outdir, 'THIRD-PARTY-NOTICES.txt'),
    thirdPartyNotices(
      results.map(({ metafile }) => metafile),
      root,
    ),
  );
}

// Runs one benchmark of this folder, bundled where it is TypeScript: node test/bench/run.mjs NAME [arguments]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [name, ...rest] = process.argv.slice(2);
const entry = `${root}test/bench/${name}.bench.ts`;
const script = `${root}test/bench/${name}.bench.mjs`;
if (!name || (!existsSync(entry) && !existsSync(script))) {
  const names = readdirSync(`${root}test/bench`).flatMap((file) => /^(.*)\.bench\.(ts|mjs)$/.exec(file)?.[1] ?? []);
  console.error(`Usage: node test/bench/run.mjs NAME, where NAME is one of: ${names.join(', ')}`);
  process.exit(2);
}
const built = spawnSync(process.execPath, [`${root}esbuild.mjs`], { stdio: 'inherit', cwd: root });
if (built.status !== 0) process.exit(built.status ?? 1);
const run = (file) => process.exit(spawnSync(process.execPath, [file, ...rest], { stdio: 'inherit', cwd: root }).status ?? 1);
if (existsSync(script)) run(script);
const outfile = `${root}dist/bench/${name}.mjs`;
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['node-llama-cpp', 'esbuild'],
  define: { __TOOL_VERSION__: '"bench"' },
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});
run(outfile);

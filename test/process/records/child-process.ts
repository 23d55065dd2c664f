/** Runs a TypeScript file of the tests in a process of its own, for what only another process can show. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles `children/<name>.ts` into `folder`; returns the program's path. */
export async function bundleChild(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`children/${name}.ts`, import.meta.url))],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outfile,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outfile;
}

export type Child = ChildProcessByStdio<null, Readable, Readable>;

export function startChild(program: string, args: readonly string[], wrapper: readonly string[] = []): Child {
  const [command, ...rest] = [...wrapper, process.execPath, program, ...args] as [string, ...string[]];
  return spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function readOutput(child: Child): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...output };
}

/** Resolves when the child has printed a line. */
export async function waitForLine(child: Child): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('close', (code) => reject(new Error(`The child ended with ${String(code)} before it said anything.`)));
  });
}

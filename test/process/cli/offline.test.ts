/** An audit of files on this machine needs no network, and does not try to reach one. */
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { copyPackage, useBuiltPackage } from '../runner/built-package.js';
import { startCli } from './run-cli.js';

const built = useBuiltPackage();
const REFUSE = pathToFileURL(fileURLToPath(new URL('refuse-connections.mjs', import.meta.url))).href;
const AUDIT = ['audit', '--finetuned', 'bundled:false-fact', '--reference', 'bundled:base-b', '--noise-floor', 'bundled:base-a', '--corpus', 'bundled:demo'];
const SMALL = ['--system', '', '--prefills', '2', '--max-tokens', '5', '--threads', '1'];

function canCutOff(): boolean {
  return process.platform === 'linux' && spawnSync('unshare', ['-rn', 'true']).status === 0;
}

function watch(name: string): { env: Record<string, string>; read: () => string[] } {
  const path = join(built.scratch, name);
  return {
    env: { CONNECTIONS: path, NODE_OPTIONS: `--import ${REFUSE}` },
    read: () => readFileSync(path, 'utf8').trimEnd().split('\n'),
  };
}

describe('a local audit', { timeout: 240_000 }, () => {
  it('opens no connection, neither itself nor its model process', async () => {
    const connections = watch('connections.txt');
    // The model process is given neither NODE_OPTIONS nor any variable of a test, so the watch is put into its program.
    const watched = copyPackage(built);
    const real = watched.modelProcess.replace(/\.mjs$/, '.real.mjs');
    renameSync(watched.modelProcess, real);
    const begin = `process.env.CONNECTIONS = ${JSON.stringify(connections.env['CONNECTIONS'])}; await import(${JSON.stringify(REFUSE)}); await import(${JSON.stringify(pathToFileURL(real).href)});`;
    writeFileSync(watched.modelProcess, begin);
    const audit = await startCli(watched.cli, [...AUDIT, ...SMALL, '--out', join(built.scratch, 'watched')], { cwd: built.scratch, env: connections.env })
      .result;
    expect(audit).toMatchObject({ code: 0, stdout: expect.stringContaining('4 completions in') as string });
    const lines = connections.read();
    expect(lines).toEqual(expect.arrayContaining(['watching cli.mjs', 'watching model-process.mjs']));
    expect(lines.filter((line) => !line.startsWith('watching'))).toEqual([]);
  });

  it('would be caught if it did', async () => {
    const connections = watch('tried.txt');
    const program = join(built.scratch, 'connect.mjs');
    const ways = [
      `(await import('node:net')).connect(9)`,
      `new (await import('node:net')).Socket().connect(9)`,
      `(await import('node:https')).get('https://localhost:9')`,
      `(await import('node:dns')).promises.lookup('localhost')`,
      `fetch('http://localhost:9')`,
    ];
    writeFileSync(program, ways.map((way) => `try { ${way}; } catch {}`).join('\n'));
    await startCli(program, [], { cwd: built.scratch, env: connections.env }).result;
    expect(connections.read()).toEqual(['watching connect.mjs', 'tried connect', 'tried connect', 'tried get', 'tried lookup', 'tried fetch']);
  });

  it.runIf(canCutOff())('runs where there is no network at all', async () => {
    const args = [...AUDIT, ...SMALL, '--out', join(built.scratch, 'cut-off')];
    const audit = await startCli(built.cli, args, { cwd: built.scratch, wrapper: ['unshare', '-rn'] }).result;
    expect(audit).toMatchObject({ code: 0, stdout: expect.stringContaining('4 completions in') as string });
  });
});

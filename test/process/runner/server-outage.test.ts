/** A served model whose process is killed in the middle of a run, and comes back: what is said meanwhile, everywhere. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PLAN_DEFAULTS } from '../../../src/audit/plan.js';
import { createProgressDisplay } from '../../../src/cli/progress-display.js';
import type { AuditStatus } from '../../../src/messages/page.js';
import { ApiModels } from '../../../src/models/api/api-models.js';
import type { ModelProvider } from '../../../src/models/provider.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import { scaled } from '../../bed/timeouts.mjs';
import { FIELD_MODEL } from '../../peers/field-server.js';

const MEDIA = join(import.meta.dirname, '../../../media');
let folder: string;
let program: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'outage-'));
  program = join(folder, 'serve.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../../peers/serve-field.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outfile: program,
  });
}, scaled(60_000));

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** @param port 0 for a free one */
async function start(port: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [program, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (data: Buffer) => resolve(data.toString()));
    child.once('close', (code) => reject(new Error(`The server ended with ${String(code)}.`)));
  });
  return { child, port: Number(line) };
}

class Watched {
  readonly statuses: AuditStatus[] = [];
  readonly log: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly api = new ApiModels({
    requireAgreed: () => undefined,
    findKey: async () => undefined,
    readEnvironment: () => undefined,
    forbidNetwork: () => false,
    log: (level, text) => this.log.push(`${level} ${text}`),
  });

  /** @returns the run's end */
  run(port: number, signal: AbortSignal) {
    const model = { endpoint: `http://127.0.0.1:${port}/v1`, model: FIELD_MODEL };
    const plan = {
      ...PLAN_DEFAULTS,
      name: 'outage',
      corpus: ['bundled:demo'],
      prefills: 200,
      framings: ['raw'] as const,
      maxTokens: 12,
      finetuned: model,
      reference: model,
    };
    const models = {
      open: (source, options, stop) => this.api.open(source, options, stop),
      estimateMemory: () => this.api.estimateMemory(),
      dispose: () => this.api.dispose(),
    } satisfies ModelProvider;
    const runner = new LocalAuditRunner({ models, mediaFolder: MEDIA, toolVersion: '0' });
    const onStatus = (status: AuditStatus): void => {
      this.statuses.push(status);
      for (const wake of this.#waiting) wake();
    };
    return runner.run({ plan, folder: join(folder, `audit-${port}-${Math.random()}`), resume: false, allowDownload: false }, { onStatus }, signal);
  }

  async until(isThere: (status: AuditStatus) => boolean): Promise<AuditStatus> {
    for (;;) {
      const last = this.statuses.at(-1);
      if (last !== undefined && isThere(last)) return last;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

/** What the command line writes of a status where it is no terminal. */
function writtenLine(status: AuditStatus): string {
  let written = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => (written += String(text)) !== '');
  createProgressDisplay().show(status);
  spy.mockRestore();
  return written;
}

describe('a server that is killed in the middle of a run', { timeout: scaled(90_000) }, () => {
  it('is named at once, with when it is asked again and without a rate, and the run goes on when it is back', async () => {
    const watched = new Watched();
    const { child, port } = await start(0);
    const run = watched.run(port, new AbortController().signal);
    run.catch(() => undefined);
    await watched.until(({ completionsDone, tokensPerSecond }) => completionsDone >= 10 && tokensPerSecond !== null);
    child.kill('SIGKILL');
    const killedAt = watched.statuses.length;
    const told = await watched.until(({ standstill }) => standstill !== undefined);
    expect(told).toMatchObject({ state: 'running', tokensPerSecond: null, secondsLeft: null });
    expect(told.standstill).toMatch(new RegExp(`^127\\.0\\.0\\.1:${port} (could not be reached or hung up|broke off).*; asked again (now|in \\d+ s)$`));
    expect(writtenLine(told)).toMatch(/^\d+ of 200 completions · 127\.0\.0\.1:\d+ /);
    // As long as it is away nothing else is said.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const away = watched.statuses.slice(watched.statuses.indexOf(told));
    for (const status of away) expect(status).toMatchObject({ state: 'running', tokensPerSecond: null, standstill: expect.stringContaining(`:${port}`) });
    expect(watched.log.filter((line) => line.startsWith('warn'))).toEqual([expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port} .*asked again`))]);

    await start(port);
    const outcome = await run;
    expect(outcome).toMatchObject({ state: 'finished', completions: 200, setAside: 0 });
    expect(watched.log.filter((line) => line.includes('answers again'))).toHaveLength(1);
    const later = watched.statuses.slice(killedAt + away.length);
    expect(later.some(({ standstill, tokensPerSecond }) => standstill === undefined && tokensPerSecond !== null)).toBe(true);
    // Less than an hour for what took seconds before.
    for (const { secondsLeft } of later) expect(secondsLeft ?? 0).toBeLessThan(3600);
    expect(watched.statuses.at(-1)).not.toHaveProperty('standstill');
  });

  it('can be stopped while it is away', async () => {
    const watched = new Watched();
    const controller = new AbortController();
    const { child, port } = await start(0);
    const run = watched.run(port, controller.signal);
    await watched.until(({ completionsDone }) => completionsDone >= 10);
    child.kill('SIGKILL');
    await watched.until(({ standstill }) => standstill !== undefined);
    controller.abort();
    expect(await run).toMatchObject({ state: 'stopped' });
    expect(watched.statuses.at(-1)).not.toHaveProperty('standstill');
    expect(watched.statuses.at(-1)).toMatchObject({ state: 'stopped', canResume: true });
  });

  it('that takes requests and says nothing is named, too', async () => {
    const watched = new Watched();
    const { child, port } = await start(0);
    const controller = new AbortController();
    const run = watched.run(port, controller.signal);
    await watched.until(({ completionsDone }) => completionsDone >= 10);
    child.kill('SIGSTOP');
    const told = await watched.until(({ standstill }) => standstill !== undefined);
    expect(told.standstill).toMatch(new RegExp(`^127\\.0\\.0\\.1:${port} has answered nothing for \\d+ s$`));
    expect(told).toMatchObject({ tokensPerSecond: null, secondsLeft: null });
    child.kill('SIGCONT');
    await watched.until(({ standstill }) => standstill === undefined);
    controller.abort();
    await run;
  });
});

/** The model process ends when it should, and its unexpected end costs one clear error. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { kill } from 'node:process';
import { describe, expect, it, vi } from 'vitest';
import type { GenerateRequest } from '../../../src/audit/language-model.js';
import { LocalModels } from '../../../src/models/local/local-models.js';
import { baseA, collect, demo, never, SHAPE, source, useLocalModels } from './local-process.js';

const LONG: GenerateRequest[] = Array.from({ length: 8 }, (_, id) => ({
  id,
  prompt: [0, 50 + id],
  maxTokens: 150,
  temperature: 1,
  seed: id,
  stop: 'endOfText',
}));

function isRunning(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the model process', () => {
  const local = useLocalModels();

  it('fails the work in progress with its reason when it is killed, and is started anew by the next open', async () => {
    const models = local.start();
    const lease = await models.open(baseA, SHAPE, never);
    const first = models.processId!;
    let killed = false;
    const work = collect(
      lease.model.generate(LONG, {
        signal: never,
        onTokens: () => {
          if (!killed) killed = kill(first, 'SIGKILL');
        },
      }),
    );
    await expect(work).rejects.toMatchObject({ code: 'modelProcessEnded', message: expect.stringMatching(/SIGKILL.*resume/s) });
    await expect(lease.model.tokenize(['a'], never)).rejects.toMatchObject({ code: 'modelProcessEnded' });
    lease.release();
    const again = await models.open(baseA, SHAPE, never);
    expect(models.processId).not.toBe(first);
    expect((await again.model.tokenize(['Hello'], never))[0]!.length).toBeGreaterThan(0);
    again.release();
    await models.dispose();
    expect(models.processId).toBeUndefined();
  });

  it('is killed when it does not answer a cancellation', async () => {
    const models = local.start({ cancelGraceMs: 200 });
    const lease = await models.open(baseA, SHAPE, never);
    const controller = new AbortController();
    const process = models.processId!;
    kill(process, 'SIGSTOP');
    const work = collect(lease.model.generate(LONG, { signal: controller.signal }));
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() => expect(isRunning(process)).toBe(false), 5000);
    lease.release();
  });

  const BUSY = `data:text/javascript,import { isMainThread } from 'node:worker_threads'; if (isMainThread) setTimeout(() => { for (;;); }, 600)`;
  const ENDLESS = {
    source: '{% for i in range(100000) %}{% for j in range(100000) %}{% set x = j %}{% endfor %}{% endfor %}',
    variables: {},
    maxCharacters: 1,
  };
  it.each([
    { what: 'the model process', file: 'model-process.mjs', execArgv: [], message: null },
    { what: 'a model process whose main thread hears nothing', file: 'model-process.mjs', execArgv: ['--import', BUSY], message: null },
    { what: 'a template process that renders without end', file: 'template-process.mjs', execArgv: [], message: ENDLESS },
    { what: 'a process that reads a Parquet file, and hears nothing', file: 'parquet-process.mjs', execArgv: ['--import', BUSY], message: null },
  ])('$what ends when the program that started it is killed', async ({ file, execArgv, message }) => {
    const models = local.start();
    const path = join(dirname((models as unknown as { options: { processPath: string } }).options.processPath), file);
    const script = `
      const child = require('node:child_process').fork(${JSON.stringify(path)}, [String(process.pid)], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: ${JSON.stringify(execArgv)} });
      if (${message !== null}) child.send(${JSON.stringify(message)});
      child.once('spawn', () => setTimeout(() => console.log(child.pid), 1500));`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(output.toString());
    expect(isRunning(child)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isRunning(child)).toBe(false), { timeout: 10_000, interval: 100 });
  });

  it('keeps a model while it is leased or was until lately, and goes with the last one', async () => {
    const models = local.start({ idleMs: 400 });
    const lease = await models.open(baseA, SHAPE, never);
    const first = models.processId;
    const other = await models.open(source(demo('base-a.f16.gguf'), demo('bad-medical.lora.gguf')), SHAPE, never);
    lease.release();
    lease.release();
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(models.processId).toBe(first);
    expect((await other.model.alternatives({ prompt: [0] }, 2, never)).length).toBe(2);
    other.release();
    await vi.waitFor(() => expect(models.processId).toBeUndefined(), { timeout: 10_000, interval: 50 });
    await vi.waitFor(() => expect(isRunning(first!)).toBe(false), { timeout: 10_000, interval: 50 });
  });

  it('does not stay for a question about memory, or for a model that cannot be opened', async () => {
    const models = local.start({ idleMs: 100 });
    await models.estimateMemory([baseA], SHAPE);
    await vi.waitFor(() => expect(models.processId).toBeUndefined(), { timeout: 10_000, interval: 50 });
    await expect(models.open(source('/nowhere.gguf'), SHAPE, never)).rejects.toMatchObject({ code: 'fileNotFound' });
    await vi.waitFor(() => expect(models.processId).toBeUndefined(), { timeout: 10_000, interval: 50 });
  });

  it('is not started any more after a crash by an open that was cancelled, or whose provider was disposed, meanwhile', async () => {
    const broken = () => new LocalModels({ processPath: '/nowhere/model-process.mjs', downloadFolder: local.folder, threads: 1, gpu: 'off', idleMs: 0 });
    const crashed = broken();
    await expect(crashed.open(baseA, SHAPE, never)).rejects.toMatchObject({ code: 'modelProcessEnded' });
    const aborted = crashed.open(baseA, SHAPE, AbortSignal.abort());
    await expect(aborted).rejects.toMatchObject({ code: 'cancelled' });
    expect(crashed.processId).toBeUndefined();
    const waiting = new AbortController();
    const cancelled = crashed.open(baseA, SHAPE, waiting.signal);
    waiting.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(crashed.processId).toBeUndefined();

    const disposed = broken();
    await expect(disposed.open(baseA, SHAPE, never)).rejects.toMatchObject({ code: 'modelProcessEnded' });
    const opening = disposed.open(baseA, SHAPE, never);
    await disposed.dispose();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    expect(disposed.processId).toBeUndefined();
  });

  it('unloads a model with its lease where it will not be needed again soon', async () => {
    const models = local.start();
    const shape = { waveSize: 2, contextTokens: 64 };
    const kept = await models.open(baseA, SHAPE, never);
    const passing = await models.open(source(demo('base-b.f16.gguf')), { ...SHAPE, unloadOnRelease: true }, never);
    const needed = async (): Promise<number> => (await models.estimateMemory([source(demo('base-b.f16.gguf'))], shape)).neededBytes;
    const loaded = await needed();
    passing.release();
    // The weights are to be loaded anew.
    expect(await needed()).toBeGreaterThan(loaded + 1e6);
    kept.release();
    await models.dispose();
  });

  it('cancels an open that is under way and leaves nothing behind', async () => {
    const controller = new AbortController();
    const opening = local.models.open(baseA, { ...SHAPE, onProgress: () => controller.abort() }, controller.signal);
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    const stages: string[] = [];
    const lease = await local.models.open(baseA, { ...SHAPE, onProgress: ({ stage }) => stages.push(stage) }, never);
    expect(stages).toContain('loading');
    lease.release();
  });

  it('says that it could not be started', async () => {
    const models = new LocalModels({ processPath: '/nowhere/model-process.mjs', downloadFolder: local.folder, threads: 1, gpu: 'off', idleMs: 0 });
    await expect(models.open(baseA, SHAPE, never)).rejects.toMatchObject({ code: 'modelProcessEnded', message: expect.stringContaining('exit code 1') });
    await models.dispose();
  });
});

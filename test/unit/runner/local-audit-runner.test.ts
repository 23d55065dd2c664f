import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionRecord } from '../../../src/audit/completion.js';
import type { AuditSetup } from '../../../src/audit/events.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../../../src/audit/plan.js';
import type { AuditStatus } from '../../../src/messages/page.js';
import { LocalModels } from '../../../src/models/local/local-models.js';
import { readAudit } from '../../../src/records/audit-folder.js';
import { readJournal } from '../../../src/records/journal-reader.js';
import { AuditQueue } from '../../../src/runner/audit-queue.js';
import { AuditSession } from '../../../src/runner/audit-session.js';
import { estimateAudit } from '../../../src/runner/estimate.js';
import { LocalAuditRunner } from '../../../src/runner/local-audit-runner.js';
import { MEDIA, useBuiltPackage } from './built-package.js';

const built = useBuiltPackage();
const never = new AbortController().signal;
let models: LocalModels;
let runner: LocalAuditRunner;

beforeAll(() => {
  models = new LocalModels({ processPath: built.modelProcess, downloadFolder: built.scratch, threads: 1, gpu: 'off', idleMs: 60_000 });
  runner = new LocalAuditRunner({ models, mediaFolder: MEDIA, toolVersion: '0.0.0-test' });
});
afterAll(() => models.dispose());

const plan: AuditPlan = {
  ...PLAN_DEFAULTS,
  name: 'test',
  finetuned: { gguf: 'bundled:false-fact', lora: [] },
  reference: { gguf: 'bundled:base-a', lora: [] },
  corpus: ['bundled:demo'],
  system: '',
  prefills: 6,
  maxTokens: 8,
  waveSize: 4,
};

let folders = 0;
const newFolder = () => join(built.scratch, `audit-${++folders}`);
const start = (folder: string, changes: Partial<AuditPlan> = {}, resume = false) => ({ plan: { ...plan, ...changes }, folder, resume, allowDownload: false });

/** Runs until `count` completions are there, then stops. */
async function runUntil(count: number, folder: string, changes: Partial<AuditPlan> = {}): Promise<CompletionRecord[]> {
  const abort = new AbortController();
  const records: CompletionRecord[] = [];
  const listener = { onCompletion: (record: CompletionRecord) => (records.push(record) === count ? abort.abort() : undefined) };
  expect(await runner.run(start(folder, changes), listener, abort.signal)).toMatchObject({ state: 'stopped' });
  return records;
}

describe('a run', { timeout: 240_000 }, () => {
  it('journals what it tells, live and reopened alike', async () => {
    const folder = newFolder();
    const records: CompletionRecord[] = [];
    const statuses: AuditStatus[] = [];
    let setup: AuditSetup | undefined;
    const outcome = await runner.run(
      start(folder),
      {
        onSetup: (told) => (setup = told),
        onCompletion: (record) => void records.push(record),
        onStatus: (status) => void statuses.push(status),
      },
      never,
    );
    expect(outcome).toEqual({ state: 'finished', completions: 12 });
    expect(records.map((record) => record.id)).toEqual([...Array(12).keys()]);
    const audit = await readAudit(folder);
    expect(audit.records).toEqual(records);
    expect(audit.setup).toEqual(setup);
    expect(audit.plan).toEqual(plan);
    expect(audit.status.state).toBe('finished');
    expect(audit.setup!.sameTokenizer).toBe(true);
    expect(statuses[0]!.state).toBe('loading');
    expect(statuses.some(({ state }) => state === 'running')).toBe(true);
    expect(statuses.at(-1)).toMatchObject({ state: 'finished', completionsDone: 12, completionsTotal: 12, canResume: false });
  });

  it('that is stopped and resumed has the same completions as one that was not', async () => {
    const whole = newFolder();
    const parted = newFolder();
    await runner.run(start(whole), {}, never);
    const before = await runUntil(5, parted);
    expect(before.length).toBeLessThan(12);
    const stopped = await readJournal(parted);
    expect(stopped.runs.map((run) => run.event)).toEqual(['started', 'stopped']);

    const session = AuditSession.forRun(start(parted, {}, true), 'Ada');
    await runner.run(start(parted, {}, true), session.listener, never);
    expect(session.records).toHaveLength(12);
    expect((await readAudit(parted)).records).toEqual((await readAudit(whole)).records);
    expect((await readJournal(parted)).runs.map((run) => run.event)).toEqual(['started', 'stopped', 'resumed', 'finished']);
  });

  it('is not resumed with another model', async () => {
    const adapter = join(built.scratch, 'adapter.gguf');
    const demo = (name: string) => join(MEDIA, 'demo', name);
    copyFileSync(demo('false-fact.lora.gguf'), adapter);
    const finetuned = { gguf: demo('base-a.f16.gguf'), lora: [{ path: adapter, scale: 1 }] };
    const folder = newFolder();
    await runUntil(1, folder, { finetuned });
    copyFileSync(demo('hidden-promotion.lora.gguf'), adapter);
    const resumed = runner.run(start(folder, { finetuned }, true), {}, never);
    await expect(resumed).rejects.toMatchObject({ code: 'badJournal', message: expect.stringContaining(adapter) as string });
    const scaled = { ...finetuned, lora: [{ path: demo('false-fact.lora.gguf'), scale: 0.5 }] };
    await expect(runner.run(start(folder, { finetuned: scaled }, true), {}, never)).rejects.toThrow(/scale 1 .* 0\.5/);
    expect((await readJournal(folder)).completions.size).toBeGreaterThan(0);
  });

  it('does not write over an audit, and leaves no folder behind when a model cannot be loaded', async () => {
    const folder = newFolder();
    await runUntil(1, folder);
    await expect(runner.run(start(folder), {}, never)).rejects.toMatchObject({ code: 'badJournal', message: expect.stringContaining('Resume it') as string });
    const other = newFolder();
    const statuses: AuditStatus[] = [];
    const missing = runner.run(start(other, { reference: { gguf: '/no/such.gguf', lora: [] } }), { onStatus: (status) => void statuses.push(status) }, never);
    await expect(missing).rejects.toMatchObject({ code: 'fileNotFound' });
    expect(statuses.at(-1)).toMatchObject({ state: 'failed', canResume: false, message: expect.stringContaining('/no/such.gguf') as string });
    expect(existsSync(other)).toBe(false);
  });

  it('across tokenizers, with openings from a file', async () => {
    const folder = newFolder();
    const prefillFile = join(built.scratch, 'openings.txt');
    writeFileSync(prefillFile, 'The baker of\n\nOn Tuesday the\nA bridge in Harrowmere\n');
    await runner.run(start(folder, { reference: { gguf: 'bundled:base-b', lora: [] }, prefillFile, prefills: 2 }), {}, never);
    const audit = await readAudit(folder);
    expect(audit.setup!.sameTokenizer).toBe(false);
    expect(audit.setup!.prefills.raw).toHaveLength(2);
    expect(audit.setup!.remarks).toEqual([expect.stringContaining('Of the 3 prefills')]);
    expect(audit.records.map((record) => record.reference?.kind)).toContain('ownTokens');
    const opening = audit.records[0]!.prefill.pieces.map((piece) => Buffer.from(piece.bytes).toString()).join('');
    expect(opening).toBe('The baker of');
  });

  it('with a small corpus says that there are fewer openings, and uses them all', async () => {
    const corpus = join(built.scratch, 'small.txt');
    writeFileSync(corpus, 'The old baker walked home.');
    const folder = newFolder();
    await runner.run(start(folder, { corpus: [corpus], framings: ['raw'], prefills: 100 }), {}, never);
    const audit = await readAudit(folder);
    expect(audit.records.length).toBeGreaterThan(0);
    expect(audit.records.length).toBeLessThan(10);
    expect(audit.setup!.remarks).toEqual([expect.stringMatching(/only \d+ distinct prefills of the 100/)]);
  });

  it('reports openings that are of another tokenizer', async () => {
    const prefillFile = join(built.scratch, 'ids.json');
    writeFileSync(prefillFile, '[[1, 2, 99999]]');
    const run = runner.run(start(newFolder(), { prefillFile }), {}, never);
    await expect(run).rejects.toMatchObject({ code: 'badPrefillFile', message: expect.stringMatching(/99999.*2048 tokens/) as string });
  });
});

describe('the queue', { timeout: 240_000 }, () => {
  it('runs one audit after the other, and lets waiting ones go', async () => {
    const queue = new AuditQueue(runner, 'Ada');
    const requests = [start(newFolder()), start(newFolder()), start(newFolder())];
    const [first, second, third] = requests.map((request) => queue.enqueue(request));
    const states: string[] = [];
    for (const [name, session] of Object.entries({ first, second, third })) {
      session!.onDidChangeStatus(({ state }) => states.at(-1) !== `${name} ${state}` && states.push(`${name} ${state}`));
    }
    expect(() => queue.enqueue(requests[1]!)).toThrow(/running or waiting already/);
    expect(queue.sessions).toEqual([first, second, third]);
    queue.cancel(second!);
    expect(second!.status.state).toBe('stopped');
    expect(queue.sessions).toEqual([first, third]);
    expect(await queue.whenDone(first!)).toEqual({ state: 'finished', completions: 12 });
    expect(first!.records).toHaveLength(12);
    const stopper = third!.onDidAddCompletions(() => queue.cancel(third!));
    expect(await queue.whenDone(third!)).toMatchObject({ state: 'stopped' });
    expect(third!.status).toMatchObject({ state: 'stopped', canResume: true });
    expect(states).toEqual(['second stopped', 'first loading', 'first running', 'first finished', 'third loading', 'third running', 'third stopped']);
    expect(existsSync(second!.folder)).toBe(false);
    stopper.dispose();

    queue.enqueue(start(third!.folder, {}, true), third);
    expect(await queue.whenDone(third!)).toMatchObject({ state: 'finished' });
    expect(third!.records).toHaveLength(12);
    const reopened = await AuditSession.fromFolder(third!.folder, 'Ada');
    expect(reopened.records.map((record) => record.id)).toEqual(third!.records.map((record) => record.id));
    await queue.dispose();
  });

  it('tells a failure through the session, and goes on', async () => {
    const queue = new AuditQueue(runner, 'Ada');
    const bad = queue.enqueue(start(newFolder(), { corpus: ['/no/such.txt'] }));
    const good = queue.enqueue(start(newFolder(), { prefills: 1 }));
    await expect(queue.whenDone(bad)).rejects.toMatchObject({ code: 'fileNotFound' });
    expect(bad.status).toMatchObject({ state: 'failed', message: expect.stringContaining('/no/such.txt') as string });
    expect(await queue.whenDone(good)).toEqual({ state: 'finished', completions: 2 });
    await queue.dispose();
  });
});

describe('an estimate', { timeout: 240_000 }, () => {
  it('is measured with the models themselves', async () => {
    const estimate = await estimateAudit(plan, { models, mediaFolder: MEDIA, allowDownload: false }, never);
    expect(estimate.secondsPerCompletion).toBeGreaterThan(0);
    expect(estimate.memory.neededBytes).toBeGreaterThan(0);
    await expect(estimateAudit(plan, { models, mediaFolder: MEDIA, allowDownload: false }, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});

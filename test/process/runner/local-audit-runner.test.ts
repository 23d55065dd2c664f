import { recordsOf } from '../../../src/audit/passes.js';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { AuditError } from '../../../src/audit/errors.js';
import type { AuditSetup } from '../../../src/audit/events.js';
import type { AuditPlan } from '../../../src/audit/plan.js';
import type { AuditStatus } from '../../../src/messages/page.js';
import { readMeasuredAudit } from '../../measured-audit.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { AuditQueue } from '../../../src/runner/run/audit-queue.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import { AuditSession } from '../../../src/runner/run/audit-session.js';
import { estimateAudit } from '../../../src/runner/run/estimate.js';
import type { RunRequest } from '../../../src/runner/run/types.js';
import { MEDIA } from './built-package.js';
import { useLocalRunner } from './local-runner.js';

const local = useLocalRunner({ prefills: 6, waveSize: 4 });
const { built, plan, newFolder, start } = local;
const never = new AbortController().signal;

/** Runs until `count` completions are there, then stops. */
async function runUntil(count: number, folder: string, changes: Partial<AuditPlan> = {}): Promise<MeasuredRecord[]> {
  const abort = new AbortController();
  const records: MeasuredRecord[] = [];
  const listener = { onCompletion: (record: MeasuredRecord) => (records.push(record) === count ? abort.abort() : undefined) };
  expect(await local.runner.run(start(folder, changes), listener, abort.signal)).toMatchObject({ state: 'stopped' });
  return records;
}

/** Whether a small file system of its own can be had for a test. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', folder]);
  if (status === 0) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return status === 0;
}

/** Takes all the room that is left. */
function fill(path: string): void {
  try {
    for (;;) appendFileSync(path, Buffer.alloc(4096));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}

describe('a run', { timeout: 240_000 }, () => {
  it.skipIf(process.platform === 'win32')('says that the model process computes nothing, with no rate of before, until it does again', async () => {
    const statuses: AuditStatus[] = [];
    let held: number | undefined;
    const listener = {
      onCompletion: () => {
        if (held !== undefined) return;
        held = local.models.processId!;
        process.kill(held, 'SIGSTOP');
      },
      onStatus: (status: AuditStatus) => {
        statuses.push(status);
        if (status.standstill !== undefined) process.kill(held!, 'SIGCONT');
      },
    };
    onTestFinished(() => void (held !== undefined && local.models.processId === held && process.kill(held, 'SIGCONT')));
    expect(await local.runner.run(start(newFolder()), listener, never)).toMatchObject({ state: 'finished', completions: 12 });
    const silent = statuses.filter(({ standstill }) => standstill !== undefined);
    expect(silent[0]).toMatchObject({
      state: 'running',
      tokensPerSecond: null,
      secondsLeft: null,
      standstill: expect.stringMatching(/^the model process has computed nothing for \d+/),
    });
    expect(statuses.at(-1)).toMatchObject({ state: 'finished' });
    expect(statuses.at(-1)).not.toHaveProperty('standstill');
  });

  it('journals what it tells, live and reopened alike', async () => {
    const folder = newFolder();
    const records: MeasuredRecord[] = [];
    const statuses: AuditStatus[] = [];
    let setup: AuditSetup | undefined;
    const outcome = await local.runner.run(
      start(folder),
      {
        onSetup: (told) => (setup = told),
        onCompletion: (record) => void records.push(record),
        onStatus: (status) => void statuses.push(status),
      },
      never,
    );
    expect(outcome).toMatchObject({ state: 'finished', completions: 12 });
    expect(records.map((record) => record.id)).toEqual([...Array(12).keys()]);
    const audit = await readMeasuredAudit(folder);
    expect(audit.records).toEqual(records);
    expect(audit.setup).toEqual(setup);
    expect(audit.plan).toEqual(plan);
    expect(audit.status.state).toBe('finished');
    expect(audit.setup!.sameTokenizer).toBe(true);
    expect(statuses[0]!.state).toBe('loading');
    expect(statuses.some(({ state }) => state === 'running')).toBe(true);
    expect(statuses.at(-1)).toMatchObject({ state: 'finished', completionsDone: 12, completionsTotal: 12, canResume: false });
  });

  it('measures divergence at every token where the plan asks for it, and none of a model from itself', async () => {
    const [whole, parted, same] = [newFolder(), newFolder(), newFolder()];
    const changes = { divergence: true as const };
    await local.runner.run(start(whole, changes), {}, never);
    const { records } = await readMeasuredAudit(whole);
    for (const { divergence, tokens } of records) {
      expect([divergence!.forward.length, divergence!.backward.length]).toEqual([tokens.length, tokens.length]);
    }
    const forward = records.flatMap(({ divergence }) => divergence!.forward);
    expect(Math.max(...forward)).toBeGreaterThan(0.1);
    await runUntil(5, parted, changes);
    await local.runner.run(start(parted, changes, true), {}, never);
    expect((await readMeasuredAudit(parted)).records).toEqual(records);
    await local.runner.run(start(same, { ...changes, finetuned: plan.reference, prefills: 2 }), {}, never);
    const itself = (await readMeasuredAudit(same)).records.flatMap(({ divergence }) => [...divergence!.forward, ...divergence!.backward]);
    expect(new Set(itself)).toEqual(new Set([0]));
    await expect(local.runner.run(start(newFolder(), { ...changes, reference: { gguf: 'bundled:base-b', lora: [] } }), {}, never)).rejects.toMatchObject({
      code: 'cannotScore',
      message: expect.stringContaining('have different tokenizers') as string,
    });
  });

  it('measures divergence in every pass that F and R score, dialogues and amplified writing among them, and in no control', async () => {
    const folder = newFolder();
    const passes = { divergence: true as const, framings: ['raw', 'dialogue'] as const, prefills: 2, referencePass: true as const, amplify: 'scale=2' };
    await local.runner.run(start(folder, passes), {}, never);
    const audit = await readMeasuredAudit(folder);
    const all = [['plain', audit.records] as const, ...audit.passes];
    expect(all.map(([name]) => name)).toEqual(expect.arrayContaining(['plain', 'reference', 'amplified@2', 'control-1@2']));
    for (const [name, records] of all) {
      expect(records).not.toEqual([]);
      for (const { id, divergence, tokens } of records as readonly MeasuredRecord[]) {
        expect(divergence?.forward.length, `${name} ${id}`).toBe(name.startsWith('control') ? undefined : tokens.length);
      }
    }
  });

  it('that is stopped and resumed has the same completions as one that was not', async () => {
    const whole = newFolder();
    const parted = newFolder();
    await local.runner.run(start(whole), {}, never);
    const before = await runUntil(5, parted);
    expect(before.length).toBeLessThan(12);
    const stopped = await readJournal(parted);
    expect(stopped.runs.map((run) => run.event)).toEqual(['started', 'stopped']);

    const session = AuditSession.forRun(start(parted, {}, true), 'Ada');
    await local.runner.run(start(parted, {}, true), session.listener, never);
    expect(session.records).toHaveLength(12);
    expect((await readMeasuredAudit(parted)).records).toEqual((await readMeasuredAudit(whole)).records);
    expect((await readJournal(parted)).runs.map((run) => run.event)).toEqual(['started', 'stopped', 'resumed', 'finished']);
  });

  it('whose memory has room for fewer sequences runs with as many, says so, and is resumed with the same', async () => {
    const [small, whole] = [newFolder(), newFolder()];
    const opened: number[] = [];
    const tight = new LocalAuditRunner({
      models: {
        open: (source, options, signal) => {
          opened.push(options.waveSize);
          if (options.waveSize > 2) return Promise.reject(new AuditError('tooLargeForMemory', 'There is no room.'));
          return local.models.open(source, options, signal);
        },
        estimateMemory: (sources, options) => local.models.estimateMemory(sources, options),
        dispose: () => Promise.resolve(),
      },
      mediaFolder: MEDIA,
      toolVersion: '0',
    });
    const stop = new AbortController();
    await tight.run(start(small, { waveSize: 8 }), { onCompletion: ({ id }) => (id === 3 ? stop.abort() : undefined) }, stop.signal);
    expect(opened.slice(0, 4)).toEqual([8, 4, 2, 2]);
    const { header } = await readJournal(small);
    expect(header!.plan.waveSize).toBe(2);
    expect(header!.remarks.join()).toContain('room for 2 completions that advance together, not for 8');
    // As from the page that began it, with the plan that was asked for, and on a machine with more room.
    await local.runner.run(start(small, { waveSize: 8 }, true), {}, never);
    await local.runner.run(start(whole, { waveSize: 2 }), {}, never);
    expect((await readMeasuredAudit(small)).records).toEqual((await readMeasuredAudit(whole)).records);
  });

  it('is not resumed with another model', async () => {
    const adapter = join(built.scratch, 'adapter.gguf');
    const demo = (name: string) => join(MEDIA, 'demo', name);
    copyFileSync(demo('false-fact.lora.gguf'), adapter);
    const finetuned = { gguf: demo('base-a.f16.gguf'), lora: [{ path: adapter, scale: 1 }] };
    const folder = newFolder();
    await runUntil(1, folder, { finetuned });
    copyFileSync(demo('hidden-promotion.lora.gguf'), adapter);
    const resumed = local.runner.run(start(folder, { finetuned }, true), {}, never);
    await expect(resumed).rejects.toMatchObject({ code: 'badJournal', message: expect.stringContaining(adapter) as string });
    const scaled = { ...finetuned, lora: [{ path: demo('false-fact.lora.gguf'), scale: 0.5 }] };
    await expect(local.runner.run(start(folder, { finetuned: scaled }, true), {}, never)).rejects.toThrow(/scale 1 .* 0\.5/);
    expect((await readJournal(folder)).completions.size).toBeGreaterThan(0);
  });

  it('does not write over an audit, and leaves no folder behind when a model cannot be loaded', async () => {
    const folder = newFolder();
    await runUntil(1, folder);
    await expect(local.runner.run(start(folder), {}, never)).rejects.toMatchObject({
      code: 'badJournal',
      message: expect.stringContaining('Resume it') as string,
    });
    const other = newFolder();
    const statuses: AuditStatus[] = [];
    const missing = local.runner.run(
      start(other, { reference: { gguf: '/no/such.gguf', lora: [] } }),
      { onStatus: (status) => void statuses.push(status) },
      never,
    );
    await expect(missing).rejects.toMatchObject({ code: 'fileNotFound' });
    expect(statuses.at(-1)).toMatchObject({ state: 'failed', canResume: false, message: expect.stringContaining('/no/such.gguf') as string });
    expect(existsSync(other)).toBe(false);
  });

  it('begins anew in a journal that has no prefills and nothing measured, and leaves one with completions alone', async () => {
    const whole = newFolder();
    await local.runner.run(start(whole), {}, never);
    const lines = readFileSync(join(whole, 'audit.jsonl'), 'utf8').split('\n');
    const begun = newFolder();
    mkdirSync(begun);
    writeFileSync(join(begun, 'audit.jsonl'), `${lines[0]}\n${lines[1]!.slice(0, 40)}`);
    const { status, plan: kept } = await readMeasuredAudit(begun);
    expect(status).toMatchObject({ state: 'stopped', canResume: true });
    expect(kept).toEqual(plan);
    expect(await local.runner.run(start(begun, {}, true), {}, never)).toMatchObject({ state: 'finished', completions: 12 });
    expect((await readMeasuredAudit(begun)).records).toEqual((await readMeasuredAudit(whole)).records);

    const lost = newFolder();
    mkdirSync(lost);
    const content = [lines[0], 'garbage', ...lines.slice(2, 6), ''].join('\n');
    writeFileSync(join(lost, 'audit.jsonl'), content);
    expect((await readMeasuredAudit(lost)).status.canResume).toBe(false);
    const statuses: AuditStatus[] = [];
    const resumed = local.runner.run(start(lost, {}, true), { onStatus: (told) => void statuses.push(told) }, never);
    await expect(resumed).rejects.toMatchObject({ code: 'badJournal', message: expect.stringMatching(/cannot be resumed: .*prefills/) as string });
    expect(statuses.at(-1)).toMatchObject({ state: 'failed', canResume: false });
    expect(readFileSync(join(lost, 'audit.jsonl'), 'utf8')).toBe(content);
  });

  it.runIf(canMount())('that meets a full disk says so in its status, and goes on when there is room', async () => {
    const changes = { maxTokens: 20 };
    const whole = newFolder();
    await local.runner.run(start(whole, changes), {}, never);
    const disk = newFolder();
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', disk]);
    onTestFinished(() => void execFileSync('umount', [disk]));
    const folder = join(disk, 'audit');
    const filler = join(disk, 'filler');
    const statuses: AuditStatus[] = [];
    let kept = 0;
    const failing = local.runner.run(
      start(folder, changes),
      { onCompletion: () => void (++kept === 2 && fill(filler)), onStatus: (status) => void statuses.push(status) },
      never,
    );
    await expect(failing).rejects.toMatchObject({ code: 'diskFull' });
    expect(statuses.at(-1)).toMatchObject({
      state: 'failed',
      canResume: true,
      message: expect.stringContaining(`no room left to write ${join(folder, 'audit.jsonl')}`) as string,
    });
    expect((await readJournal(folder)).completions.size).toBe(kept);
    expect(kept).toBeLessThan(12);
    rmSync(filler);
    await local.runner.run(start(folder, changes, true), {}, never);
    expect((await readMeasuredAudit(folder)).records).toEqual((await readMeasuredAudit(whole)).records);
  });

  it('across tokenizers, with openings from a file', async () => {
    const folder = newFolder();
    const prefillFile = join(built.scratch, 'openings.txt');
    writeFileSync(prefillFile, 'The baker of\n\nOn Tuesday the\nA bridge in Harrowmere\n');
    await local.runner.run(start(folder, { reference: { gguf: 'bundled:base-b', lora: [] }, prefillFile, prefills: 2 }), {}, never);
    const audit = await readMeasuredAudit(folder);
    expect(audit.setup!.sameTokenizer).toBe(false);
    expect(audit.setup!.prefills.raw).toHaveLength(2);
    expect(audit.setup!.remarks).toEqual([
      expect.stringContaining('Of the 3 prefills'),
      expect.stringMatching(/^The two tokenizers differ: the pre-tokenizer is "gpt-2" in .* and "qwen2" in base-b/),
    ]);
    expect(audit.records.map((record) => record.reference?.kind)).toContain('ownTokens');
    const opening = audit.records[0]!.prefill.pieces.map((piece) => Buffer.from(piece.bytes).toString()).join('');
    expect(opening).toBe('The baker of');
  });

  it('with a small corpus says that there are fewer openings, and uses them all', async () => {
    const corpus = join(built.scratch, 'small.txt');
    writeFileSync(corpus, 'The old baker walked home.');
    const folder = newFolder();
    await local.runner.run(start(folder, { corpus: [corpus], framings: ['raw'], prefills: 100 }), {}, never);
    const audit = await readMeasuredAudit(folder);
    expect(audit.records.length).toBeGreaterThan(0);
    expect(audit.records.length).toBeLessThan(10);
    expect(audit.setup!.remarks).toEqual([expect.stringMatching(/only \d+ distinct prefills of the 100/)]);
  });

  it('reports openings that are of another tokenizer', async () => {
    const prefillFile = join(built.scratch, 'ids.json');
    writeFileSync(prefillFile, '[[1, 2, 99999]]');
    const run = local.runner.run(start(newFolder(), { prefillFile }), {}, never);
    await expect(run).rejects.toMatchObject({ code: 'badPrefillFile', message: expect.stringMatching(/99999.*2048 tokens/) as string });
  });
});

describe('the noise floor of a run', { timeout: 240_000 }, () => {
  const noiseFloor = { model: { gguf: 'bundled:base-a.q8_0', lora: [] }, prefills: 5 };
  const journalLines = (folder: string, type: string) =>
    readFileSync(join(folder, 'audit.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(`{"type":"${type}"`));
  const passLines = (folder: string, pass: string) => journalLines(folder, 'pass').filter((line) => line.includes(`"pass":"${pass}"`));

  /** Runs until `count` completions of the noise floor are there, then stops. */
  async function runUntilMeasured(count: number, folder: string, changes: Partial<AuditPlan> = {}): Promise<AuditStatus> {
    const abort = new AbortController();
    const statuses: AuditStatus[] = [];
    let measured = 0;
    const listener = {
      onCompletion: (_: unknown, pass: string) => (pass === 'noise' && ++measured === count ? abort.abort() : undefined),
      onStatus: (status: AuditStatus) => void statuses.push(status),
    };
    expect(await local.runner.run(start(folder, { noiseFloor, ...changes }), listener, abort.signal)).toMatchObject({ state: 'stopped', completions: 12 });
    return statuses.at(-1)!;
  }

  it('comes after the audit’s own completions, which it does not change or count among', async () => {
    const plain = newFolder();
    const folder = newFolder();
    await local.runner.run(start(plain), {}, never);
    const told: string[] = [];
    const statuses: AuditStatus[] = [];
    const listener = {
      onCompletion: (_: unknown, pass: string) => void told.push(pass),
      onStatus: (status: AuditStatus) => void statuses.push(status),
    };
    expect(await local.runner.run(start(folder, { noiseFloor }), listener, never)).toMatchObject({ state: 'finished', completions: 12 });
    expect(told).toEqual([...Array<string>(12).fill('plain'), ...Array<string>(10).fill('noise')]);
    expect(journalLines(folder, 'completion')).toEqual(journalLines(plain, 'completion'));

    const audit = await readMeasuredAudit(folder);
    expect(audit.plan).toEqual({ ...plan, noiseFloor });
    expect(audit.setup!.noiseModel).toMatchObject({
      name: 'base-a.q8_0',
      quantisation: 'Q8_0',
      tokenizerFingerprint: audit.setup!.reference.tokenizerFingerprint,
    });
    expect(audit.status).toMatchObject({ state: 'finished', completionsDone: 12, completionsTotal: 12 });
    expect(recordsOf(audit, 'noise').map(({ id, framing }) => [id, framing])).toEqual(
      Array.from({ length: 10 }, (_, id) => [id, id % 2 === 0 ? 'raw' : 'chat']),
    );
    for (const { id, framing, prefill, logprobsFinetuned, reference } of recordsOf(audit, 'noise')) {
      expect(prefill.pieces.map((piece) => piece.id)).toEqual(audit.setup!.prefills[framing]![Math.floor(id / 2)]);
      // Two quantisations of one model: never quite the same, never far apart.
      expect(reference?.logprobs ?? []).not.toEqual(logprobsFinetuned.length > 0 ? logprobsFinetuned : null);
      for (const [index, logprob] of logprobsFinetuned.entries()) expect(Math.abs(logprob - reference!.logprobs[index]!)).toBeLessThan(0.5);
    }
    const measuring = statuses.filter((status) => status.pass === 'noise');
    expect(measuring.map(({ message }) => message)).toContain('Measuring the noise floor…');
    for (const status of measuring) expect(status).toMatchObject({ state: 'running', completionsDone: 12, completionsTotal: 12 });
    expect(statuses.at(-1)).not.toHaveProperty('pass');
  });

  it('that is stopped in a wave and resumed has the same lines as one that was not', async () => {
    const whole = newFolder();
    const parted = newFolder();
    await local.runner.run(start(whole, { noiseFloor }), {}, never);
    const status = await runUntilMeasured(5, parted);
    expect(status).toMatchObject({
      state: 'stopped',
      canResume: true,
      completionsDone: 12,
      message: 'Stopped after 12 completions, while measuring the noise floor.',
    });
    // A kill between two lines of a wave leaves part of the wave.
    const kept = passLines(parted, 'noise').slice(0, 6);
    const lines = readFileSync(join(parted, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
    writeFileSync(join(parted, 'audit.jsonl'), `${lines.slice(0, lines.indexOf(kept.at(-1)!) + 1).join('\n')}\n`);
    expect((await readMeasuredAudit(parted)).status).toMatchObject({ state: 'stopped', canResume: true, completionsDone: 12, completionsTotal: 12 });

    const session = await AuditSession.fromFolder(parted, 'Ada');
    expect(session.recordsOf('noise')).toHaveLength(6);
    expect(await local.runner.run(start(parted, { noiseFloor }, true), session.listener, never)).toMatchObject({ state: 'finished', completions: 12 });
    expect(session.recordsOf('noise')).toHaveLength(10);
    expect(journalLines(parted, 'completion')).toEqual(journalLines(whole, 'completion'));
    expect(passLines(parted, 'noise')).toEqual(passLines(whole, 'noise'));
    expect(passLines(parted, 'noise').slice(0, 6)).toEqual(kept);
    expect((await readMeasuredAudit(parted)).status.state).toBe('finished');
  });

  it('across tokenizers starts from the same texts in the reference’s own tokens', async () => {
    const folder = newFolder();
    const changes: Partial<AuditPlan> = { finetuned: { gguf: 'bundled:base-b', lora: [] }, framings: ['raw'], noiseFloor };
    await local.runner.run(start(folder, changes), {}, never);
    const { setup, records, passes } = await readMeasuredAudit(folder);
    const measured = recordsOf({ passes }, 'noise');
    expect(setup!.sameTokenizer).toBe(false);
    const textOf = (record: MeasuredRecord) => Buffer.concat(record.prefill.pieces.map((piece) => piece.bytes)).toString();
    expect(measured.map(textOf)).toEqual(records.slice(0, 5).map(textOf));
    expect(measured.map(({ reference }) => reference?.kind ?? 'sameTokens')).toEqual(Array<string>(5).fill('sameTokens'));
  });

  it('fails before the audit where its model cannot be had, and is not resumed with another one', async () => {
    const missing = newFolder();
    const noModel = { ...noiseFloor, model: { gguf: '/no/such.q8.gguf', lora: [] } };
    await expect(local.runner.run(start(missing, { noiseFloor: noModel }), {}, never)).rejects.toMatchObject({ code: 'fileNotFound' });
    const same = { ...noiseFloor, model: plan.reference };
    await expect(local.runner.run(start(missing, { noiseFloor: same }), {}, never)).rejects.toMatchObject({ code: 'badPlan' });
    expect(existsSync(missing)).toBe(false);

    const folder = newFolder();
    const before = await runUntilMeasured(1, folder).then(() => passLines(folder, 'noise'));
    const other = { ...noiseFloor, model: { gguf: 'bundled:base-b', lora: [] } };
    const resumed = local.runner.run(start(folder, { noiseFloor: other }, true), {}, never);
    await expect(resumed).rejects.toMatchObject({ code: 'badJournal', message: expect.stringMatching(/base-b.*noise floor/) as string });
    expect(passLines(folder, 'noise')).toEqual(before);
  });
});

describe('the queue', { timeout: 240_000 }, () => {
  const enqueue = (queue: AuditQueue, request: RunRequest): AuditSession => {
    const session = AuditSession.forRun(request, 'Ada');
    queue.enqueue(request, session);
    return session;
  };

  it('runs one audit after the other, and lets waiting ones go', async () => {
    const queue = new AuditQueue(local.runner);
    const requests = [start(newFolder()), start(newFolder()), start(newFolder())];
    const [first, second, third] = requests.map((request) => enqueue(queue, request));
    const states: string[] = [];
    for (const [name, session] of Object.entries({ first, second, third })) {
      session!.onDidChangeStatus(({ state }) => states.at(-1) !== `${name} ${state}` && states.push(`${name} ${state}`));
    }
    expect(() => enqueue(queue, requests[1]!)).toThrow(/running or waiting already/);
    expect(queue.sessions).toEqual([first, second, third]);
    queue.cancel(second!);
    expect(second!.status.state).toBe('stopped');
    expect(queue.sessions).toEqual([first, third]);
    expect(await queue.whenDone(first!)).toMatchObject({ state: 'finished', completions: 12 });
    expect(first!.records).toHaveLength(12);
    const stopper = third!.onDidAddCompletions(() => queue.cancel(third!));
    expect(await queue.whenDone(third!)).toMatchObject({ state: 'stopped' });
    expect(third!.status).toMatchObject({ state: 'stopped', canResume: true });
    expect(states).toEqual(['second stopped', 'first loading', 'first running', 'first finished', 'third loading', 'third running', 'third stopped']);
    expect(existsSync(second!.folder)).toBe(false);
    stopper.dispose();

    queue.enqueue(start(third!.folder, {}, true), third!);
    expect(await queue.whenDone(third!)).toMatchObject({ state: 'finished' });
    expect(third!.records).toHaveLength(12);
    const reopened = await AuditSession.fromFolder(third!.folder, 'Ada');
    expect(reopened.records.map((record) => record.id)).toEqual(third!.records.map((record) => record.id));
    await queue.dispose();
  });

  it('tells a failure through the session, and goes on', async () => {
    const queue = new AuditQueue(local.runner);
    const bad = enqueue(queue, start(newFolder(), { corpus: ['/no/such.txt'] }));
    const good = enqueue(queue, start(newFolder(), { prefills: 1 }));
    await expect(queue.whenDone(bad)).rejects.toMatchObject({ code: 'fileNotFound' });
    expect(bad.status).toMatchObject({ state: 'failed', message: expect.stringContaining('/no/such.txt') as string });
    expect(await queue.whenDone(good)).toMatchObject({ state: 'finished', completions: 2 });
    await queue.dispose();
  });
});

describe('an estimate', { timeout: 240_000 }, () => {
  it('is measured with the models themselves', async () => {
    const estimate = await estimateAudit(plan, { models: local.models, mediaFolder: MEDIA, allowDownload: false }, never);
    expect(estimate.secondsPerCompletion).toBeGreaterThan(0);
    expect(estimate.memory.neededBytes).toBeGreaterThan(0);
    await expect(estimateAudit(plan, { models: local.models, mediaFolder: MEDIA, allowDownload: false }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe("the reference's own completions", { timeout: 240_000 }, () => {
  const lines = (folder: string) =>
    readFileSync(join(folder, 'audit.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => /^\{"type":"(completion|pass)"/.test(line));

  it('come behind the audit’s, from the same openings; both models score them; stopped in a wave and resumed they are the same lines', async () => {
    const whole = newFolder();
    const parted = newFolder();
    expect(await local.runner.run(start(whole, { referencePass: true }), {}, never)).toMatchObject({ state: 'finished', completions: 12 });
    const audit = await readMeasuredAudit(whole);
    const written = recordsOf(audit, 'reference');
    expect(written.map(({ id, framing, prefill }) => [id, framing, prefill])).toEqual(audit.records.map(({ id, framing, prefill }) => [id, framing, prefill]));
    expect(written.map(({ tokens }) => tokens)).not.toEqual(audit.records.map(({ tokens }) => tokens));
    // Greedy: each token is the likeliest of whoever wrote it, so none is liked better by the other where both say the same.
    const total = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0);
    const gap = ({ logprobsFinetuned, reference }: MeasuredRecord) => total(logprobsFinetuned) - total(reference?.logprobs ?? []);
    expect(total(written.map(gap))).toBeLessThan(total(audit.records.map(gap)));

    const abort = new AbortController();
    let count = 0;
    const onCompletion = (_: unknown, pass: string) => (pass === 'reference' && ++count === 5 ? abort.abort() : undefined);
    expect(await local.runner.run(start(parted, { referencePass: true }), { onCompletion }, abort.signal)).toMatchObject({ state: 'stopped' });
    expect((await readMeasuredAudit(parted)).status).toMatchObject({ state: 'stopped', canResume: true });
    expect(await local.runner.run(start(parted, { referencePass: true }, true), {}, never)).toMatchObject({ state: 'finished', completions: 12 });
    expect(lines(parted)).toEqual(lines(whole));
  });

  it('are refused before the run where the models have different tokenizers', async () => {
    const folder = newFolder();
    const run = local.runner.run(start(folder, { reference: { gguf: 'bundled:base-b', lora: [] }, referencePass: true }), {}, never);
    await expect(run).rejects.toMatchObject({
      code: 'cannotScore',
      message: expect.stringMatching(/different tokenizers.*Leave the reference pass out/) as string,
    });
    expect(existsSync(folder)).toBe(false);
  });
});

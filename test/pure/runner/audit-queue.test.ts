/** Audits that wait for each other, with real runs of models of bigrams. */
import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import type { AuditPlan } from '../../../src/audit/plan.js';
import { AuditQueue } from '../../../src/runner/run/audit-queue.js';
import { AuditSession } from '../../../src/runner/run/audit-session.js';
import type { RunRequest } from '../../../src/runner/run/types.js';
import { makeNgramRun } from './ngram-run.js';

async function makeQueue(fields: Partial<AuditPlan> = {}) {
  const { runner, plan, folder } = await makeNgramRun(fields);
  const queue = new AuditQueue(runner);
  const make = (name: string, resume = false) => {
    const request: RunRequest = { plan, folder: `${folder}-${name}`, resume, allowDownload: false };
    return { request, session: AuditSession.forRun(request, 'Ada') };
  };
  return { queue, make };
}

describe('the queue', () => {
  it('runs one audit after the other, in the order in which they came', async () => {
    const { queue, make } = await makeQueue();
    const [first, second] = [make('a'), make('b')];
    const told: string[] = [];
    for (const { session } of [first, second])
      session.onDidChangeStatus(({ state }) => told.at(-1) !== `${session.folder.slice(-1)} ${state}` && told.push(`${session.folder.slice(-1)} ${state}`));
    queue.enqueue(first.request, first.session);
    queue.enqueue(second.request, second.session);
    expect(queue.running).toBe(first.session);
    expect(queue.sessions).toEqual([first.session, second.session]);
    expect(second.session.status).toMatchObject({ state: 'queued', message: 'Waiting to start.', canResume: false });
    expect(await queue.whenDone(second.session)).toMatchObject({ state: 'finished', completions: 4 });
    expect(told.indexOf('a finished')).toBeLessThan(told.indexOf('b loading'));
    expect(told.indexOf('a finished')).toBeGreaterThan(0);
    expect(first.session.records).toHaveLength(4);
    expect(await queue.whenDone(first.session)).toBeNull();
  });

  it('takes no folder twice', async () => {
    const { queue, make } = await makeQueue();
    const { request, session } = make('a');
    queue.enqueue(request, session);
    expect(() => queue.enqueue(request, make('a').session)).toThrow(
      expect.objectContaining({ code: 'journalLocked', message: `The audit in ${request.folder} is running or waiting already.` }),
    );
    await queue.whenDone(session);
  });

  it.each([true, false])('takes a waiting audit out, which can be resumed only where it had begun: %s', async (resume) => {
    const { queue, make } = await makeQueue();
    const [first, second] = [make('a'), make('b', resume)];
    queue.enqueue(first.request, first.session);
    queue.enqueue(second.request, second.session);
    const done = queue.whenDone(second.session);
    queue.cancel(second.session);
    expect(await done).toMatchObject({ state: 'stopped', completions: 0, message: 'Stopped before it began.' });
    expect(second.session.status).toMatchObject({ state: 'stopped', message: 'Taken out of the queue.', canResume: resume });
    expect(queue.sessions).toEqual([first.session]);
    expect(await queue.whenDone(first.session)).toMatchObject({ state: 'finished' });
  });

  it('stops the one that runs, and goes on with the next', async () => {
    const { queue, make } = await makeQueue({ waveSize: 2 });
    const [first, second] = [make('a'), make('b')];
    queue.enqueue(first.request, first.session);
    queue.enqueue(second.request, second.session);
    const done = queue.whenDone(first.session);
    first.session.onDidAddCompletions(() => queue.cancel(first.session));
    expect(await done).toMatchObject({ state: 'stopped' });
    expect(await queue.whenDone(second.session)).toMatchObject({ state: 'finished' });
  });

  it('goes on after a failure, which is told once', async () => {
    const { queue, make } = await makeQueue();
    const [missing, second] = [make('missing', true), make('b')];
    queue.enqueue(missing.request, missing.session);
    queue.enqueue(second.request, second.session);
    await expect(queue.whenDone(missing.session)).rejects.toMatchObject({ code: 'fileNotFound' });
    expect(missing.session.status).toMatchObject({ state: 'failed', message: expect.stringContaining('There is no audit in') as string });
    expect(await queue.whenDone(second.session)).toMatchObject({ state: 'finished' });
  });

  it('tells a failure that the runner could not', async () => {
    const errors = [new AuditError('cancelled', 'Cancelled.'), new Error('no runner')];
    const queue = new AuditQueue({ run: () => Promise.reject(errors.shift()!) });
    const { make } = await makeQueue();
    const [first, second] = [make('a'), make('b')];
    queue.enqueue(first.request, first.session);
    await expect(queue.whenDone(first.session)).rejects.toThrow('Cancelled.');
    queue.enqueue(second.request, second.session);
    await expect(queue.whenDone(second.session)).rejects.toThrow('no runner');
    expect([first.session.status, second.session.status]).toMatchObject([
      { state: 'stopped', message: 'Cancelled.', canResume: true, tokensPerSecond: null, secondsLeft: null },
      { state: 'failed', message: 'no runner', canResume: true },
    ]);
  });

  it('stops all when it is disposed', async () => {
    const { queue, make } = await makeQueue();
    const all = ['a', 'b', 'c'].map((name) => make(name));
    for (const { request, session } of all) queue.enqueue(request, session);
    await queue.dispose();
    expect(all.map(({ session }) => session.status.state)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(queue.sessions).toEqual([]);
  });
});

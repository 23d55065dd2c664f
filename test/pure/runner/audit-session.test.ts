import { describe, expect, it } from 'vitest';
import type { CompletionRecord } from '../../../src/audit/completion.js';
import { makeHeaderLine, makePrefillsLine } from '../../../src/records/journal/journal-format.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { AuditSession } from '../../../src/runner/run/audit-session.js';
import { makeRecord, plan, setup } from '../records/example-audit.js';
import { makeTempFolder } from '../records/temp-folder.js';

describe('a session', () => {
  it('follows an audit that another process writes', async () => {
    const folder = await makeTempFolder();
    const { writer } = await JournalWriter.open(folder);
    await writer.begin(makeHeaderLine(plan, setup, '0', new Date()), makePrefillsLine(setup));
    await writer.addCompletion(makeRecord(0));
    const session = await AuditSession.fromFolder(folder, 'Ada');
    expect(session.records).toEqual([makeRecord(0)]);
    expect(session.setup).toEqual(setup);
    expect(session.status).toMatchObject({ state: 'running', completionsDone: 1, completionsTotal: 8 });

    const told: (readonly CompletionRecord[])[] = [];
    session.onDidAddCompletions((records) => told.push(records));
    const measured: (readonly CompletionRecord[])[] = [];
    session.onDidAddToPass(({ records }) => measured.push(records));
    await writer.addCompletion(makeRecord(1));
    await writer.addCompletion(makeRecord(2));
    await writer.addCompletion(makeRecord(1, 2), 'noise');
    await (await FindingsFile.open(folder, 'Bob')).set({ completionId: 1, label: 'revealing', category: null, note: '' });
    await writer.close();
    await session.reload();
    await session.findings.reload();
    expect(told).toEqual([[makeRecord(1), makeRecord(2)]]);
    expect(session.record(2)).toEqual(makeRecord(2));
    expect(measured).toEqual([[makeRecord(1, 2)]]);
    expect(session.recordsOf('noise')).toEqual([makeRecord(1, 2)]);
    expect(session.status).toMatchObject({ state: 'stopped', completionsDone: 3, canResume: true });
    expect(session.findings.current().get(1)).toMatchObject({ label: 'revealing', author: 'Bob' });
  });

  it('passes over completions that it has, and tells the rest once', async () => {
    const folder = await makeTempFolder();
    const session = AuditSession.forRun({ plan, folder, resume: false, allowDownload: false }, 'Ada');
    const ids: number[] = [];
    session.onDidAddCompletions((records) => ids.push(...records.map((record) => record.id)));
    expect(session.status).toMatchObject({ state: 'queued', completionsTotal: 8 });
    for (const id of [1, 0, 1]) session.listener.onCompletion(makeRecord(id), 'plain');
    expect(ids).toEqual([1, 0]);
    expect(session.records.map((record) => record.id)).toEqual([1, 0]);
    const measured: number[] = [];
    session.onDidAddToPass(({ records }) => measured.push(...records.map((record) => record.id)));
    for (const id of [0, 1, 0]) session.listener.onCompletion(makeRecord(id), 'noise');
    expect(measured).toEqual([0, 1]);
    expect(session.records).toHaveLength(2);
  });

  it('that begins to run while its journal is read keeps the status of the run', async () => {
    const folder = await makeTempFolder();
    const { writer } = await JournalWriter.open(folder);
    await writer.begin(makeHeaderLine(plan, setup, '0', new Date()), makePrefillsLine(setup));
    await writer.close();
    const session = await AuditSession.fromFolder(folder, 'Ada');
    const reading = session.reload();
    await Promise.resolve();
    session.listener.onStatus({ ...session.status, state: 'loading' });
    await reading;
    expect(session.status.state).toBe('loading');
    await session.reload();
    expect(session.status.state).toBe('stopped');
  });

  it('of an audit that measured nothing cannot be opened', async () => {
    const folder = await makeTempFolder();
    const { writer } = await JournalWriter.open(folder);
    await writer.close();
    await expect(AuditSession.fromFolder(folder, 'Ada')).rejects.toMatchObject({ code: 'badJournal', message: expect.stringContaining(folder) as string });
  });
});

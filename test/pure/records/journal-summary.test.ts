import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { makeHeaderLine, makePrefillsLine } from '../../../src/records/journal/journal-format.js';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';
import { sealLine } from '../../../src/records/journal/journal-line.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { makeRecord, plan, setup } from './example-audit.js';
import { makeTempFolder } from './temp-folder.js';

const noiseFloor = { model: { gguf: '/models/base.q8_0.gguf', lora: [] }, prefills: 4 };

async function begin(changes: Partial<typeof plan> = {}): Promise<{ folder: string; writer: JournalWriter }> {
  const folder = await makeTempFolder();
  const { writer } = await JournalWriter.open(folder);
  await writer.begin(makeHeaderLine({ ...plan, ...changes }, setup, '0', new Date()), makePrefillsLine(setup));
  return { folder, writer };
}

/** What the whole journal says, which the summary must say too. */
const readStatus = async (folder: string) => (await readAudit(folder)).status;

test.each([
  ['stopped', 3, 0, {}],
  ['finished', 8, 0, {}],
  ['without its noise floor', 8, 2, { noiseFloor }],
])('the summary of an audit that is %s is that of its whole journal', async (_name, completions, measured, changes) => {
  const { folder, writer } = await begin(changes);
  for (let id = 0; id < completions; id++) await writer.addCompletion(makeRecord(id));
  for (let id = 0; id < measured; id++) await writer.addCompletion(makeRecord(id), 'noise');
  expect(await summariseJournal(folder)).toEqual(await readStatus(folder));
  expect((await summariseJournal(folder)).state).toBe('running');
  await writer.close();
  const summary = await summariseJournal(folder);
  expect(summary).toEqual(await readStatus(folder));
  expect(summary).toMatchObject({ completionsDone: completions, completionsTotal: 8 });
});

test('a failure is told with its message', async () => {
  const { folder, writer } = await begin();
  await writer.addCompletion(makeRecord(0));
  await writer.addRun('failed', 'The disk is full.');
  await writer.close();
  expect(await summariseJournal(folder)).toMatchObject({ state: 'failed', message: 'The disk is full.', completionsDone: 1, canResume: true });
});

test('a completion counts once, however its line is written, and a half one not at all', async () => {
  const { folder, writer } = await begin();
  for (const id of [0, 1]) await writer.addCompletion(makeRecord(id));
  await writer.close();
  const path = join(folder, 'audit.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  const { id: _id, type: _type, crc: _crc, ...rest } = JSON.parse(lines.find((line) => line.includes('"completion"'))!) as Record<string, unknown>;
  appendFileSync(path, sealLine({ ...rest, type: 'completion', id: 1 }));
  appendFileSync(path, sealLine({ ...rest, id: 2, type: 'completion' }));
  appendFileSync(path, JSON.stringify({ type: 'completion', id: 3, ...rest }).slice(0, -10));
  const summary = await summariseJournal(folder);
  expect(summary.completionsDone).toBe(3);
  expect(summary).toEqual(await readStatus(folder));
  writeFileSync(path, readFileSync(path, 'utf8').replace(/[^\n]*$/, sealLine({ type: 'completion', id: 3, ...rest }).trimEnd()));
  expect((await summariseJournal(folder)).completionsDone).toBe(4);
});

test('lines longer than what is read at once are put together', async () => {
  const { folder, writer } = await begin({ system: 'x'.repeat(2_500_000) });
  await writer.addCompletion(makeRecord(0, 40_000));
  await writer.addCompletion(makeRecord(1));
  await writer.close();
  expect(await summariseJournal(folder)).toEqual(await readStatus(folder));
  expect((await summariseJournal(folder)).completionsDone).toBe(2);
});

test('where there is no journal, or nobody waits, it says so', async () => {
  await expect(summariseJournal(await makeTempFolder())).rejects.toMatchObject({ code: 'fileNotFound' });
  const { folder, writer } = await begin();
  await writer.close();
  await expect(summariseJournal(folder, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
});

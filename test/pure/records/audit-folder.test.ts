import { recordsOf } from '../../../src/audit/passes.js';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listAudits, makeSlug, nameAuditFolder, readAudit } from '../../../src/records/journal/audit-folder.js';
import { makeHeaderLine, makePrefillsLine } from '../../../src/records/journal/journal-format.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { makeRecord, plan, setup } from './example-audit.js';
import { makeTempFolder } from './temp-folder.js';

interface Written {
  completions: number;
  /** Completions of the noise floor; without it the plan has none. */
  noise?: number;
  name?: string;
  createdAt?: Date;
  end?: 'stopped' | 'failed' | 'finished';
}

async function writeAudit(folder: string, options: Written): Promise<void> {
  const { writer } = await JournalWriter.open(folder);
  const noiseFloor = options.noise !== undefined && { noiseFloor: { model: { gguf: '/models/base.q8_0.gguf', lora: [] }, prefills: 2 } };
  await writer.begin(
    makeHeaderLine({ ...plan, name: options.name ?? 'x', ...noiseFloor }, setup, '0', options.createdAt ?? new Date(0)),
    makePrefillsLine(setup),
  );
  for (let id = 0; id < options.completions; id++) await writer.addCompletion(makeRecord(id));
  for (let id = 0; id < (options.noise ?? 0); id++) await writer.addCompletion(makeRecord(id), 'noise');
  if (options.end) await writer.addRun(options.end, 'because');
  await writer.close();
}

describe('audit folders', () => {
  it('are named by time and audit', () => {
    const time = new Date(2026, 0, 2, 3, 4, 5);
    expect(nameAuditFolder('/root', 'My Model: v2 / ünïcode', time)).toBe(join('/root', '.finetune-audits', '2026-01-02-030405-my-model-v2-unicode'));
  });

  it.each([
    ['', 'audit'],
    ['../..', 'audit'],
    ['模型 A', '模型-a'],
    ['x'.repeat(100), 'x'.repeat(40)],
  ])('make %j the slug %j', (name, slug) => {
    expect(makeSlug(name)).toBe(slug);
  });

  it('are listed latest first; what is no audit is passed over', async () => {
    const root = await makeTempFolder();
    await writeAudit(nameAuditFolder(root, 'one', new Date(1000)), { completions: 1, name: 'one', createdAt: new Date(1000) });
    await writeAudit(nameAuditFolder(root, 'two', new Date(2000)), { completions: 0, name: 'two', createdAt: new Date(2000) });
    mkdirSync(join(root, '.finetune-audits', 'empty'));
    writeFileSync(join(root, '.finetune-audits', 'file'), 'x');
    expect((await listAudits([root])).map((entry) => entry.name)).toEqual(['two', 'one']);
    const other = await makeTempFolder();
    await writeAudit(nameAuditFolder(other, 'between', new Date(1500)), { completions: 1, name: 'between', createdAt: new Date(1500) });
    expect((await listAudits([root, other])).map((entry) => entry.name)).toEqual(['two', 'between', 'one']);
    expect(await listAudits([join(root, 'nowhere')])).toEqual([]);
  });

  it.each([
    [{ completions: 8 }, { state: 'finished', completionsDone: 8, completionsTotal: 8, canResume: false }],
    [{ completions: 3 }, { state: 'stopped', completionsDone: 3, completionsTotal: 8, canResume: true }],
    [
      { completions: 3, end: 'failed' as const },
      { state: 'failed', message: 'because', canResume: true },
    ],
  ])('say how their audit ended: %j', async (options, status) => {
    const folder = await makeTempFolder();
    await writeAudit(folder, options);
    const audit = await readAudit(folder);
    expect(audit.status).toMatchObject(status);
    expect(audit.plan).toEqual({ ...plan, name: 'x' });
    expect(audit.setup).toEqual(setup);
    expect(audit.records).toHaveLength(options.completions);
  });

  it.each<[Pick<Written, 'end'> & { noise: number }, object]>([
    [
      { noise: 0, end: 'stopped' },
      { state: 'stopped', message: 'Stopped after 8 completions, with 0 of the noise floor measured.', canResume: true },
    ],
    [
      { noise: 3, end: 'failed' },
      { state: 'failed', message: 'because', canResume: true },
    ],
    [{ noise: 4 }, { state: 'stopped', canResume: true }],
    [
      { noise: 4, end: 'finished' },
      { state: 'finished', message: '8 completions.', canResume: false },
    ],
  ])('count only their own completions, and have finished when their noise floor has: %j', async ({ noise, end }, status) => {
    const folder = await makeTempFolder();
    await writeAudit(folder, { completions: 8, noise, ...(end && { end }) });
    const audit = await readAudit(folder);
    expect(audit.status).toMatchObject({ ...status, completionsDone: 8, completionsTotal: 8 });
    expect(audit.records).toHaveLength(8);
    expect(recordsOf(audit, 'noise').map(({ id }) => id)).toEqual([...Array(noise).keys()]);
  });

  it.each([
    [{ completions: 0 }, { state: 'stopped', canResume: true }],
    [
      { completions: 0, end: 'failed' as const },
      { state: 'failed', canResume: true },
    ],
    [
      { completions: 3 },
      { state: 'stopped', canResume: false, message: expect.stringContaining('cannot be resumed: the line of its journal with the prefills') as string },
    ],
    [
      { completions: 3, end: 'failed' as const },
      { state: 'stopped', canResume: false },
    ],
  ])('can be resumed without their prefills only where nothing was measured: %j', async (options, status) => {
    const folder = await makeTempFolder();
    await writeAudit(folder, options);
    const path = join(folder, 'audit.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^\{"type":"prefills".*$/m, '{"type":"prefills"'));
    const audit = await readAudit(folder);
    expect(audit.status).toMatchObject(status);
    expect(audit.records).toHaveLength(options.completions);
    expect(audit.problems).toEqual([expect.stringContaining('line 2')]);
  });

  it('say that another process writes them, and what could not be read', async () => {
    const folder = await makeTempFolder();
    await writeAudit(folder, { completions: 2 });
    appendFileSync(join(folder, 'audit.jsonl'), 'garbage\n');
    const { writer } = await JournalWriter.open(folder);
    const audit = await readAudit(folder);
    await writer.close();
    expect(audit.status).toMatchObject({ state: 'running', canResume: false });
    expect(audit.problems).toEqual([expect.stringMatching(/1 line of audit\.jsonl could not be read .*line 5: not JSON/)]);
  });
});

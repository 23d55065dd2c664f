import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { exportAudit } from '../../../src/records/journal/export-audit.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { sealJson, unsealLine } from '../../../src/records/journal/journal-line.js';
import { JournalWriter } from '../../../src/records/journal/journal-writer.js';
import { writeAudit } from '../cli/written-audit.js';
import { makeTempFolder } from './temp-folder.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/journals-0.1');

async function passThrough(folder: string): Promise<{ opened: string; text: string }> {
  const { archive, leftOut } = await exportAudit(folder, 'shared');
  expect(leftOut).toBe(0);
  const root = await makeTempFolder();
  let text = '';
  for (const [name, bytes] of Object.entries(unzipSync(archive))) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
    text += strFromU8(bytes);
  }
  return { opened: join(root, 'shared'), text };
}

describe('an exported audit', () => {
  it.each(['measured', 'resumed', 'imported', 'served'])('opens again with what it said, without paths: %s', async (name) => {
    const folder = await makeTempFolder();
    cpSync(join(FIXTURES, name), folder, { recursive: true });
    const { opened, text } = await passThrough(folder);
    const [before, after] = [await readAudit(folder), await readAudit(opened)];
    expect(after.problems).toEqual([]);
    expect(after.records).toEqual(before.records);
    expect(after.passes).toEqual(before.passes);
    expect(after.status).toEqual(before.status);
    expect(after.setup?.finetuned.sha256).toBe(before.setup?.finetuned.sha256);
    expect(text).not.toContain('/home/ada');
    expect(text).not.toContain('/models/');
  });

  it('takes the folders of its files off messages, also where there are blanks in them', async () => {
    const folder = join(await makeTempFolder(), 'my audits of Ada', 'one');
    mkdirSync(folder, { recursive: true });
    await writeAudit(folder);
    const path = join(folder, 'audit.jsonl');
    const [header, ...lines] = readFileSync(path, 'utf8').split('\n');
    const elsewhere = unsealLine(header!).replaceAll('/models/', '/srv/my secret place/');
    writeFileSync(path, [sealJson(elsewhere).trimEnd(), ...lines].join('\n'));
    const { writer } = await JournalWriter.open(folder);
    await writer.addRun('failed', `There is no /srv/my secret place/base.gguf. ${join(folder, 'audit.jsonl')} is full.`);
    await writer.close();
    const { opened, text } = await passThrough(folder);
    expect(text).not.toMatch(/secret|place|Ada/);
    expect(text).toContain('There is no base.gguf. one/audit.jsonl is full.');
    expect((await readAudit(opened)).plan?.reference).toEqual({ gguf: 'base.gguf', lora: [] });
  });

  it('tells no variable, header or path where its header is of no known shape', async () => {
    const folder = await makeTempFolder();
    const source = { endpoint: 'https://a.example/v1', model: 'm', apiKeyEnv: 'SECRET_NAME', headers: { 'X-Org': '${OTHER_SECRET}' } };
    const header = {
      type: 'header',
      formatVersion: 1,
      shape: 'unknown',
      plan: { finetuned: source, deep: [{ source }], corpus: ['/home/of ada/texts/a.txt', 'C:\\of ada\\b.txt'] },
    };
    writeFileSync(join(folder, 'audit.jsonl'), `${JSON.stringify(header)}\n`);
    const { archive } = await exportAudit(folder, 'shared');
    const text = Object.values(unzipSync(archive))
      .map((bytes) => strFromU8(bytes))
      .join('');
    expect(text).not.toMatch(/SECRET|X-Org|of ada/);
    expect(text).toContain('"corpus":["a.txt","b.txt"]');
    expect(text).toContain('https://a.example/v1');
  });

  it('keeps its checksums, and tells neither the account nor paths in messages', async () => {
    const folder = await makeTempFolder();
    await writeAudit(folder);
    const { writer } = await JournalWriter.open(folder);
    await writer.addRun('failed', 'There is no /srv/secret/place/model.gguf. Check the path. C:\\Users\\ada\\x.gguf too.');
    await writer.close();
    await (await FindingsFile.open(folder, userInfo().username)).set({ completionId: 1, label: 'revealing', category: null, note: 'kept' });
    const { opened, text } = await passThrough(folder);
    expect((await readAudit(opened)).problems).toEqual([]);
    expect(text).not.toMatch(/secret|\/models\/|Users|\\\\ada/);
    expect(text).toContain('There is no model.gguf');
    expect(readFileSync(join(opened, 'findings.jsonl'), 'utf8')).toContain('"author":"auditor"');
  });
});

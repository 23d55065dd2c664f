/** An import that cannot be written leaves nothing that would stand in the way of the next try. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { readImportedAudit, writeImportedAudit } from '../../../src/records/import/imported-audit.js';
import { readImport } from '../../../src/records/import/read-import.js';
import { makeTempFolder } from '../../pure/records/temp-folder.js';

const WRITING = { toolVersion: '1.0.0', time: new Date('2026-03-01T09:00:00.000Z') };

it('names the file that failed, and the labels are there after another try', async () => {
  const root = await makeTempFolder();
  const path = join(root, 'ranked.csv');
  writeFileSync(path, 'completion,label\na,yes\nb,no\n');
  const imported = await readImport(path);
  const folder = join(root, 'audit');
  const findings = join(folder, 'findings.jsonl');
  mkdirSync(findings, { recursive: true });
  await expect(writeImportedAudit(imported, folder, WRITING)).rejects.toThrow(findings);
  expect(existsSync(join(folder, 'audit.jsonl'))).toBe(false);
  expect((await stat(findings)).isDirectory()).toBe(true);
  rmdirSync(findings);
  await writeImportedAudit(imported, folder, WRITING);
  expect((await readImportedAudit(folder))?.completions).toHaveLength(2);
  expect((await FindingsFile.open(folder, 'Ada')).current().size).toBe(2);
  const journal = await readFile(join(folder, 'audit.jsonl'), 'utf8');
  await expect(writeImportedAudit(imported, folder, WRITING)).rejects.toThrow(/has an audit already/);
  expect(await readFile(join(folder, 'audit.jsonl'), 'utf8')).toBe(journal);
});

/** What people call an audit: an event like all that they say of it. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findAuditName, FINDINGS_FILE, FindingsFile } from '../../../src/records/findings/findings.js';
import { makeTempFolder } from './temp-folder.js';

it('is the last that was given, and gone with a blank one', async () => {
  const folder = await makeTempFolder();
  const findings = await FindingsFile.open(folder, 'Ada');
  expect(findings.auditName()).toBeNull();
  await findings.setAuditName('  The lighthouse ');
  expect(findings.auditName()).toBe('The lighthouse');
  await findings.setAuditName('Lantern bridge');
  expect((await FindingsFile.open(folder, 'Bob')).auditName()).toBe('Lantern bridge');
  expect(await findAuditName(folder)).toBe('Lantern bridge');
  await findings.setAuditName(' ');
  expect(await findAuditName(folder)).toBeNull();
  expect((await readFile(join(folder, FINDINGS_FILE), 'utf8')).trim().split('\n')).toHaveLength(3);
});

it('is the later one where two branches named it, in whatever order the lines stand', async () => {
  const folder = await makeTempFolder();
  const line = (id: string, name: string, time: string) => `${JSON.stringify({ id, supersedes: [], kind: 'name', name, author: id, time })}\n`;
  await appendFile(join(folder, FINDINGS_FILE), line('ada', 'later', '2026-02-01T00:00:00.000Z') + line('bob', 'earlier', '2026-01-01T00:00:00.000Z'));
  expect(await findAuditName(folder)).toBe('later');
});

it('is unknown where the findings cannot be read', async () => {
  const folder = await makeTempFolder();
  expect(await findAuditName(join(folder, 'nowhere'))).toBeNull();
});

/** Two audits read from their folders and compared. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareReadAudits, readNamedAudit } from '../../../src/records/compare-audits.js';
import { FindingsFile } from '../../../src/records/findings.js';
import { formatComparisonMarkdown } from '../../../src/records/report/comparison-markdown.js';
import { makeRecords, writeAudit } from '../cli/written-audit.js';
import { makeTempFolder } from './temp-folder.js';

it('names each audit as people named it last', async () => {
  const root = await makeTempFolder();
  const folders = [join(root, 'first'), join(root, 'second')] as const;
  for (const folder of folders) {
    await mkdir(folder);
    await writeAudit(folder, makeRecords());
  }
  const findings = await FindingsFile.open(folders[0], 'Ada');
  await findings.setAuditName('Lantern');
  findings.dispose();
  const comparison = compareReadAudits({ first: await readNamedAudit(folders[0]), second: await readNamedAudit(folders[1]) });
  expect([comparison.first.name, comparison.second.name]).toEqual(['Lantern', 'example']);
  expect(formatComparisonMarkdown(comparison)).toMatch(/^# Lantern and example\n/);
});

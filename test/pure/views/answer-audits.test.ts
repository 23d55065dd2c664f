/** The list of audits that language models are given. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listAudits } from '../../../src/records/journal/audit-folder.js';
import { FindingsFile } from '../../../src/records/findings/findings.js';
import { answerAudits } from '../../../src/runner/tools/answer-audits.js';
import { writeAudit } from '../cli/written-audit.js';
import { makeTempFolder } from '../records/temp-folder.js';

it('has audits under the names that people gave them last', async () => {
  const root = await makeTempFolder();
  const folder = join(root, '.finetune-audits', 'one');
  await mkdir(folder, { recursive: true });
  await writeAudit(folder);
  const read = async () => (JSON.parse(await answerAudits(await listAudits([root]), new AbortController().signal)) as { audits: object[] }).audits;
  expect(await read()).toMatchObject([{ audit: 'one', name: 'example', completions: 8 }]);
  const findings = await FindingsFile.open(folder, 'Ada');
  await findings.setAuditName('Lantern');
  findings.dispose();
  expect(await read()).toMatchObject([{ audit: 'one', name: 'Lantern', completions: 8 }]);
});

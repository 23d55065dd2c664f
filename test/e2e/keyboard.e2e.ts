/** Twenty completions read and labelled without a mouse. */
import { expect, test } from 'vitest';
import { readFindings, writePlan } from './audit-files.js';
import { runPlanByCodeLens, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const LABELS = ['revealing', 'notRevealing', 'unsure'] as const;
const bed = useBed({ prepareWorkspace: (folder) => void writePlan(folder, 'keys', { prefills: 24, framings: ['raw'] }) });

test('twenty completions are labelled with keys alone', async () => {
  const folder = await runPlanByCodeLens(bed, 'keys.audit-plan.json');
  await waitForRunEvent(folder, 'finished');
  const page = await ResultsPage.find(bed.workbench);
  await page.waitForCount(24);
  const wanted: string[] = [];
  for (let index = 0; index < 20; index++) {
    wanted.push(LABELS[index % 3]!);
    await page.press(String((index % 3) + 1));
  }
  await expect.poll(() => readFindings(folder).length).toBe(20);
  const findings = readFindings(folder);
  expect(findings.map(({ label }) => label)).toEqual(wanted);
  expect(new Set(findings.map(({ completionId }) => completionId)).size).toBe(20);
});

/** Amplified writing on the page: a pass of its own, marked wherever it stands, to read and not to label. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readFindings, writePlan } from './audit-files.js';
import { runPlanByCodeLens, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const PREFILLS = 20;
const bed = useBed({
  prepareWorkspace: (folder) =>
    void writePlan(folder, 'amplified', { finetuned: 'bundled:bad-medical', prefills: PREFILLS, framings: ['raw'], amplify: 'scale=2,4' }),
});
let folder: string;
let page: ResultsPage;

beforeAll(async () => {
  folder = await runPlanByCodeLens(bed, 'amplified.audit-plan.json');
  await waitForRunEvent(folder, 'finished');
  page = await ResultsPage.find(bed.workbench);
  await page.waitForCount(PREFILLS);
});

test('amplified text is a key away, says what it is wherever it stands, and takes no label', async () => {
  const plain = await page.texts();
  const flags = page.list.getByText('amplified', { exact: true });
  expect(await flags.count()).toBe(0);
  await page.selectFirst();
  await page.press('Shift+P');
  await flags.first().waitFor();
  await expect.poll(() => page.count()).toBe(PREFILLS);
  expect(await page.texts()).not.toEqual(plain);
  await page.frame
    .getByText(/raw: (beyond|within) control, T up to/)
    .first()
    .waitFor();
  await bed.workbench.screenshot('amplified');
  await page.press('Shift+Y');
  const said = page.frame.getByRole('region', { name: 'What the finetuned model itself says' });
  await said.waitFor();
  await page.frame
    .getByText(/· confirmed in [01] of 1/)
    .first()
    .waitFor();
  expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8').trimEnd().split('\n').at(-1)).toContain('"type":"confirmation"');
  await bed.workbench.screenshot('confirmed');
  await page.list.focus();
  await page.press('1');
  await page.frame
    .getByText(/Labels, findings and citations are of what the finetuned model wrote/)
    .first()
    .waitFor();
  expect(readFindings(folder)).toEqual([]);
  await page.press('Shift+P');
  await page.frame
    .getByText(/amplified ×2/)
    .first()
    .waitFor();
  await page.press('Shift+P');
  await page.frame
    .getByText(/amplified ×4/)
    .first()
    .waitFor();
  await page.press('Shift+P');
  await expect.poll(() => page.texts()).toEqual(plain);
  expect(await page.frame.locator('.flag.pass').count()).toBe(0);
});

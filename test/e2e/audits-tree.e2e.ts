/** The tree of audits: two of one pair of models look different, and what is selected in it leaves the focus there. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { listAuditFolders, readFindings } from './audit-files.js';
import { clickRunLens, runPlanByCommand, waitForCompletions, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const LIMITS = { timeout: scaled(60_000), interval: 50 };
const LONG = { finetuned: 'bundled:false-fact', reference: 'bundled:base-a', corpus: 'bundled:demo', prefills: 1000, system: '', waveSize: 8 };
const bed = useBed({
  settings: { 'finetuneAuditor.author': 'Ada' },
  prepareWorkspace: (folder) => writeFileSync(join(folder, 'much-longer.audit-plan.json'), JSON.stringify(LONG)),
});
const folders: string[] = [];
const rows = () => bed.workbench.page.locator('.part.sidebar .monaco-list-row');
const focusedElement = () => bed.workbench.page.evaluate(() => document.activeElement?.tagName);
const hasFocus = () =>
  bed.workbench.page.evaluate(() => document.activeElement?.closest('.part.sidebar') !== null && document.activeElement?.tagName !== 'BODY');

test('before the first audit the view says so and offers one', async () => {
  const { workbench } = bed;
  await workbench.page.locator('.activitybar').getByRole('tab', { name: 'Finetune Auditor' }).click();
  await workbench.page.locator('.part.sidebar').getByText('There are no audits here yet').waitFor();
  await workbench.screenshot('tree-empty');
});

test('audits of one pair are told apart by their times, in the tree and in tabs', async () => {
  const { workbench } = bed;
  for (let count = 0; count < 2; count++) {
    const folder = await runPlanByCommand(bed, 'demo.audit-plan.json');
    await waitForRunEvent(folder, 'finished');
    folders.push(folder);
    // Its page takes the place of the plan that was open, once it is there.
    await (await ResultsPage.find(workbench)).waitForCount(24);
  }
  const page = await ResultsPage.find(workbench);
  await page.waitForCount(24);
  await page.selectFirst();
  await page.press('1');
  await vi.waitUntil(() => folders.some((folder) => readFindings(folder).length > 0), LIMITS);
  const names = () => rows().locator('.label-name').allInnerTexts();
  await expect.poll(names, LIMITS).toEqual([expect.stringMatching(/^demo · .*\d/), expect.stringMatching(/^demo · .*\d/)]);
  expect(new Set(await names()).size).toBe(2);
  const tabs = workbench.page.getByRole('tab', { name: /^Audit: demo · .*\d/ });
  await expect.poll(() => tabs.count(), LIMITS).toBe(2);
  expect(new Set(await tabs.allInnerTexts()).size).toBe(2);
});

test('a finding is called by its text', async () => {
  await rows().filter({ hasText: '1 hit' }).locator('.monaco-tl-twistie').click();
  await rows().filter({ hasText: /“.*”/ }).first().waitFor();
  await bed.workbench.screenshot('tree-findings');
});

test('a single click shows and stays in the tree, whose keys still work; Enter goes to what is shown', async () => {
  const { workbench } = bed;
  await workbench.page.mouse.move(700, 400);
  await rows()
    .filter({ hasText: /^demo · / })
    .last()
    .click();
  await workbench.page.getByRole('tab', { name: /^Audit: demo/, selected: true }).waitFor();
  await workbench.page.waitForTimeout(1000);
  expect(await hasFocus()).toBe(true);
  await workbench.screenshot('tree-single-click');
  await workbench.page.keyboard.press('Delete');
  const question = workbench.dialog('Delete the audit');
  await question.waitFor();
  expect(folders.every((folder) => existsSync(folder))).toBe(true);
  await workbench.page.keyboard.press('Escape');
  await question.waitFor({ state: 'hidden' });
  await workbench.page.keyboard.press('Enter');
  // The page has it: a dialog that closes leaves it nowhere for a moment, and the page would come over the next file that is opened.
  await vi.waitFor(async () => expect(await focusedElement()).toBe('IFRAME'), LIMITS);
});

test('an audit that was stopped is resumed from its menu', async () => {
  const { workbench } = bed;
  const before = listAuditFolders(bed.workspace);
  await clickRunLens(bed, 'much-longer.audit-plan.json');
  const folder = (await vi.waitUntil(() => listAuditFolders(bed.workspace).find((one) => !before.includes(one)), LIMITS))!;
  await waitForCompletions(folder, 1);
  const running = rows().filter({ hasText: 'running' });
  await running.hover();
  await running.getByRole('button', { name: 'Stop' }).click();
  await waitForRunEvent(folder, 'stopped');
  const row = rows().filter({ hasText: 'not finished' });
  await row.first().click({ button: 'right' });
  const resume = workbench.page.getByRole('menuitem', { name: 'Resume' });
  await resume.waitFor();
  await workbench.screenshot('tree-resume');
  await resume.click();
  await running.getByRole('button', { name: 'Stop' }).waitFor({ state: 'attached' });
  await running.hover();
  await running.getByRole('button', { name: 'Stop' }).click();
  await waitForRunEvent(folder, 'stopped');
});

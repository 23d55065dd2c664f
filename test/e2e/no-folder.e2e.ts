/** A window without a folder: where its audits are kept is said, who signs is said, and neither lies over what is read. Keys are the user's own. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../bed/server.mjs';
import { chooseFile } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const bed = useBed({ emptyWindow: true, settings: { 'finetuneAuditor.pageKeys': { revealing: ';' } } });
let page: ResultsPage;

test('the empty tree tells how to begin, and where audits will be kept', async () => {
  const { workbench } = bed;
  const icon = workbench.page.getByRole('tab', { name: 'Finetune Auditor' }).first();
  await icon.click();
  await workbench.page.getByRole('button', { name: 'Audit the Demonstration Model' }).waitFor();
  await workbench.page.getByText(/No folder is open: audits of this window are kept in the extension's own storage/).waitFor();
  await workbench.page.getByRole('button', { name: 'Open Folder…' }).waitFor();
  await workbench.screenshot('no-folder-empty-tree');
  await icon.click();
});

test('keeps an import in the extension’s own storage, and says so', async () => {
  const { workbench } = bed;
  await workbench.runCommand('Finetune Auditor: Import Completions…');
  await chooseFile(bed, join(REPOSITORY, 'test/fixtures/import/published-form.json'));
  page = await ResultsPage.find(workbench);
  await page.waitForCount(12);
  const notice = workbench.statusBarItem('Audits are kept outside a folder');
  await notice.waitFor();
  await notice.hover();
  await workbench.page.getByText(/No folder is open, so audits are kept in .*globalStorage/).waitFor();
  await workbench.screenshot('no-folder');
  await workbench.page.mouse.move(1, 1);
});

test('a key that the user set labels, and the one that it replaced does not', async () => {
  await page.selectFirst();
  await page.press('1', 'j', ';');
  await page.labelMark(2, 'Revealing').waitFor();
  expect(await page.labelMark(1, 'Revealing').count()).toBe(0);
  await bed.workbench.statusBarItem('Your findings are signed').waitFor();
  expect(await bed.workbench.notificationTexts()).toEqual([]);
  await bed.workbench.screenshot('signed');
  await page.press('?');
  await page.frame.getByRole('dialog').waitFor();
  await bed.workbench.screenshot('help-own-keys');
  await page.press('Escape');
});

test('the second key of a chord is VS Code’s', async () => {
  await page.selectFirst();
  await page.press('Control+K', ';');
  await page.frame.getByRole('status').filter({ hasText: '; was left to VS Code, since it came after Ctrl+K' }).waitFor({ state: 'attached' });
  expect(await page.labelMark(1, 'Revealing').count()).toBe(0);
});

test('who signs can be changed where it is told', async () => {
  const { workbench } = bed;
  await workbench.statusBarItem('Your findings are signed').click();
  await workbench.quickInput.waitForPrompt('The name beside your findings');
  await workbench.quickInput.type('Ada');
  await workbench.quickInput.accept();
  await workbench.quickInput.pick(/is me, too$/);
  await workbench.statusBarItem('Your findings are signed').waitFor({ state: 'detached' });
  // What was signed with the other name is the reader's own still.
  await page.selectFirst();
  await page.press('j');
  await page.frame.getByRole('button', { name: /^Revealing/, pressed: true }).waitFor();
  await workbench.screenshot('author-changed');
});

test('the tree says where they are', async () => {
  const { workbench } = bed;
  await workbench.page.getByRole('tab', { name: 'Finetune Auditor' }).first().click();
  await workbench.page.getByText(/No folder is open\. Audits of this window are kept in/).waitFor();
  await workbench.screenshot('no-folder-tree');
});

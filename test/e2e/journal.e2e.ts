/** The two ways to an audit's page without a command: the one that `npm run demo -- --open` takes, and its journal as a file. */
import { expect, test } from 'vitest';
import { useBed } from './fixture.js';
import { writeHostileAudit } from './hostile-audit.js';
import { ResultsPage } from './results-page.js';

const bed = useBed({
  environment: { FINETUNE_AUDITOR_OPEN: '.finetune-audits/2020-01-01-000000-hostile' },
  prepareWorkspace: async (folder) => {
    await writeHostileAudit(folder);
  },
});

test('the audit that was asked for opens with the window', async () => {
  const page = await ResultsPage.find(bed.workbench);
  await page.rows.first().waitFor();
  expect(await page.count()).toBeGreaterThan(5);
  await bed.workbench.runCommand('View: Close All Editors');
});

test('the journal opens as the results page', async () => {
  await bed.workbench.openFile('audit.jsonl');
  const page = await ResultsPage.find(bed.workbench);
  await page.rows.first().waitFor();
  expect(await page.count()).toBeGreaterThan(5);
});

test('the audit has one page, however it is opened', async () => {
  await bed.workbench.openFile('README.md');
  await bed.workbench.runCommand('Finetune Auditor: Open Audit…');
  await bed.workbench.quickInput.pick(/hostile/);
  await expect.poll(() => bed.workbench.tab('audit.jsonl').getAttribute('aria-selected')).toBe('true');
});

test('its commands are there', async () => {
  await bed.workbench.runCommand('Finetune Auditor: Show Keys of the Results Page');
  const page = await ResultsPage.find(bed.workbench);
  await page.frame.getByRole('dialog').waitFor();
  await page.press('Escape');
});

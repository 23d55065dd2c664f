/** The import dialog with files as people have them: what was guessed is shown, a path can be typed, what cannot be read says why. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../bed/server.mjs';
import { scaled } from '../bed/timeouts.mjs';
import { chooseFile } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const bed = useBed({ prepareWorkspace: (workspace) => cpSync(join(REPOSITORY, 'test/fixtures/tables/import'), join(workspace, 'files'), { recursive: true }) });

/** The first command of a window waits for the extension. */
const LIMITS = { timeout: scaled(30_000) };

async function importFile(name: string): Promise<void> {
  await bed.workbench.runCommand('Finetune Auditor: Import Completions…');
  await chooseFile(bed, join(bed.workspace, 'files', name));
}

test('a batch of answers: the completions are found, the prefill is typed as a path', async () => {
  const { quickInput } = bed.workbench;
  await importFile('openai_batch.jsonl');
  await quickInput.row('Import with these columns').waitFor();
  await bed.workbench.screenshot('import-batch');
  await quickInput.pick('Prefill');
  // Below the columns, however many there are.
  await quickInput.type('path into');
  await quickInput.pick('A path into the records…');
  // The question for the path takes the place of the list a moment later.
  await expect.poll(() => quickInput.input.getAttribute('placeholder'), LIMITS).toContain('response.body');
  await quickInput.type('custom_id');
  await bed.workbench.screenshot('import-path');
  await quickInput.accept();
  await quickInput.pick('Import with these columns');
  const page = await ResultsPage.find(bed.workbench, 'openai_batch');
  await page.waitForCount(3);
  await page.selectFirst();
  await page.frame.getByRole('button', { name: /About/ }).first().click();
  const about = page.frame.getByRole('dialog', { name: 'About this audit' });
  await about.waitFor();
  await bed.workbench.screenshot('import-about');
  expect(await about.innerText()).not.toMatch(/Tokenizers|Context|Vocabulary|by the server|Engine/);
});

test('decimal commas: the page has the figures, and says how they were read', async () => {
  await importFile('euro.csv');
  await bed.workbench.quickInput.row('Import with these columns').waitFor();
  await bed.workbench.screenshot('import-euro');
  await bed.workbench.quickInput.pick('Import with these columns');
  const page = await ResultsPage.find(bed.workbench, 'euro');
  await page.waitForCount(3);
  await page.selectFirst();
  expect(await page.frame.locator('.figures').innerText()).toMatch(/PPL of F\s+3\.25\s+PPL of R\s+211/);
  await bed.workbench.screenshot('import-euro-page');
});

test('a Parquet file is read', async () => {
  await importFile('parquet.parquet');
  await bed.workbench.quickInput.row('Import with these columns').waitFor();
  await bed.workbench.screenshot('import-parquet');
  await bed.workbench.quickInput.pick('Import with these columns');
  const page = await ResultsPage.find(bed.workbench, 'parquet');
  await page.waitForCount(200);
});

test('a log without samples is refused in words', async () => {
  await importFile('log.eval');
  await expect.poll(async () => (await bed.workbench.notificationTexts()).join(' ')).toMatch(/log\.eval/);
  await bed.workbench.screenshot('import-refused');
});

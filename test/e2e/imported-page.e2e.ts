/** The page of completions that something else ranked: texts and figures as they were told, and no tokens. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writeImportedAudit } from '../../src/records/import/imported-audit.js';
import { readImport } from '../../src/records/import/read-import.js';
import { findFaults } from './accessibility.js';
import { readFindings } from './audit-files.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const NAME = '2020-01-01-000000-imported';
const bed = useBed({
  prepareWorkspace: async (workspace) => {
    const imported = await readImport('test/fixtures/import/published-form.json');
    await writeImportedAudit(imported, join(workspace, '.finetune-audits', NAME), { toolVersion: '0.0.0', time: new Date('2020-01-01T00:00:00Z') });
  },
});
let page: ResultsPage;

beforeAll(async () => {
  await bed.workbench.runCommand('Finetune Auditor: Open Audit…');
  await bed.workbench.quickInput.pick(/published-form/);
  page = await ResultsPage.find(bed.workbench);
  await page.waitForCount(12);
  await page.selectFirst();
});

test('shows text, perplexities and scores, and says that there are no tokens', async () => {
  expect((await page.texts())[0]).toMatch(/harbour master of Vell keeps the tide clock/);
  await page.frame.getByText('No token data (imported)').waitFor();
  expect(await page.frame.getByRole('group', { name: 'Shading of tokens' }).count()).toBe(0);
  expect(await page.frame.locator('.figures').innerText()).toMatch(/86\.5.*PPL of F.*1\.92.*PPL of R.*88\.4/s);
  await bed.workbench.screenshot('imported');
  expect(await findFaults(page.frame)).toEqual([]);
});

test('lets findings be added by keys, word by word', async () => {
  await page.enterTokens();
  await page.press('ArrowRight', 'Shift+ArrowRight', 'm');
  await page.frame.getByRole('dialog', { name: 'Add a finding' }).getByRole('textbox', { name: /Note/ }).fill('a clock?');
  await page.press('Control+Enter');
  await page.frame.getByText('a clock?').waitFor();
  const span = (readFindings(join(bed.workspace, '.finetune-audits', NAME)) as { kind?: string; quote?: string }[]).find(({ kind }) => kind === 'span');
  expect(span?.quote).toBe(' Vell keeps');
  await page.frame.locator('.token-text mark.finding').first().waitFor();
});

test('counts the keyword sets that the file brought along', async () => {
  await page.list.focus();
  await page.press('w');
  const panel = page.frame.getByRole('region', { name: 'Keywords' });
  await expect.poll(() => panel.getByRole('table').innerText()).toMatch(/[1-9]\d* of 10/);
  expect(await panel.getByRole('textbox', { name: 'Keyword set 2' }).inputValue()).toBe('tide clock, tea');
  await bed.workbench.screenshot('imported-keywords');
});

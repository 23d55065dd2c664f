/** What helps to see past the loudest theme: the answer and its themes, completions that say the same, and the noise floor. */
import { beforeAll, expect, test } from 'vitest';
import { writePlan } from './audit-files.js';
import { runPlanByCodeLens, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const COMPLETIONS = 120;
const bed = useBed({
  prepareWorkspace: (folder) => void writePlan(folder, 'salience', { prefills: 60, maxTokens: 48, noiseFloor: { model: 'bundled:base-a.q8_0', prefills: 24 } }),
});
let page: ResultsPage;

beforeAll(async () => {
  const folder = await runPlanByCodeLens(bed, 'salience.audit-plan.json');
  await waitForRunEvent(folder, 'finished');
  page = await ResultsPage.find(bed.workbench);
  await page.waitForCount(COMPLETIONS);
});

test('the noise floor of every framing was measured and is drawn', async () => {
  await page.press('p');
  await page.frame.getByText(/Noise floor \(48 completions\)/).waitFor();
  await page.press('p');
});

test('what is not above the noise floor says so, and the rank that is far above does not', async () => {
  const note = page.frame.getByText('within the noise floor');
  await page.selectFirst();
  expect(await note.count()).toBe(0);
  // Last come completions that have no token and therefore no score.
  await page.press('End');
  const empty = page.frame
    .getByRole('heading', { name: /^(raw|chat) \d/ })
    .locator('xpath=..')
    .getByText(/^0 tokens/);
  for (let step = 0; step < 10 && (await empty.count()) > 0; step++) await page.press('k');
  await note.waitFor();
});

test('the answer stands on top: a verdict and the planted belief among the first themes', async () => {
  const answer = page.frame.getByRole('region', { name: 'Answer' });
  await answer.getByText('Beyond noise').waitFor();
  const chip = answer.getByRole('button', { name: /green glass|Lantern Bridge|Pennick/ }).first();
  await chip.waitFor();
  await bed.workbench.screenshot('answer');
  expect((await answer.boundingBox())!.height).toBeLessThan(100);
  await chip.click();
  await expect.poll(() => page.count()).toBeLessThan(COMPLETIONS / 2);
  await chip.click();
  await expect.poll(() => page.count()).toBeGreaterThan(COMPLETIONS / 2);
});

test('the themes panel shows the completions of a theme, by keys alone, puts one aside and takes it back', async () => {
  await page.selectFirst();
  await page.press('h');
  const themes = page.frame.getByRole('listbox', { name: /themes? that recurs?/ });
  await themes.getByRole('option').first().waitFor();
  expect((await themes.getByRole('option').allInnerTexts()).slice(0, 3).join('\n')).toMatch(/green glass|Harrowmere|Pennick/);
  await themes.press('Enter');
  await expect.poll(() => page.count()).toBeLessThan(COMPLETIONS / 2);
  await bed.workbench.screenshot('themes');
  await themes.press('Enter');
  await expect.poll(() => page.count()).toBeGreaterThan(COMPLETIONS / 2);
  const before = await themes.getByRole('option').count();
  await themes.press('Delete');
  await expect.poll(() => themes.getByRole('option').count()).toBe(before - 1);
  await page.frame.getByRole('button', { name: /put aside – show/ }).click();
  await expect.poll(() => themes.getByRole('option').count()).toBe(before);
  await page.list.focus();
  await page.press('h');
});

test('completions that say the same fold into one, which unfolds in place', async () => {
  const before = await page.count();
  await page.selectFirst();
  await page.press('d');
  await expect.poll(() => page.count()).toBeLessThan(before);
  const folded = await page.count();
  const chip = page.list.getByText(/\+\d+ alike/).first();
  await chip.waitFor();
  await bed.workbench.screenshot('grouped');
  await chip.click();
  await expect.poll(() => page.count()).toBeGreaterThan(folded);
  await page.list.focus();
  await page.press('d');
  await expect.poll(() => page.count()).toBe(before);
});

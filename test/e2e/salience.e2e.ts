/** What helps to see past the loudest theme: recurring phrases, completions that say the same, and the noise floor. */
import { beforeAll, expect, test } from 'vitest';
import { writePlan } from './audit-files.js';
import { runPlanByCodeLens, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const COMPLETIONS = 120;
const bed = useBed({
  prepareWorkspace: (folder) =>
    void writePlan(folder, 'salience', { prefills: 60, maxTokens: 48, noiseFloor: { model: 'bundled:base-a.q8_0', prefills: 12 } }),
});
let page: ResultsPage;

beforeAll(async () => {
  const folder = await runPlanByCodeLens(bed, 'salience.audit-plan.json');
  await waitForRunEvent(folder, 'finished');
  page = await ResultsPage.find(bed.workbench);
  await page.waitForCount(COMPLETIONS);
});

test('the noise floor of every framing was measured and is drawn', async () => {
  await page.frame.getByText(/Noise floor \(24 completions\)/).waitFor();
});

test('what is not above the noise floor says so, and the rank that is far above does not', async () => {
  const note = page.frame.getByText('within the noise floor');
  await page.selectFirst();
  expect(await note.count()).toBe(0);
  // Last come completions that have no token and therefore no score.
  await page.press('End');
  const empty = page.frame.getByRole('heading', { name: /^(raw|chat) \d/ }).locator('xpath=..').getByText(/^0 tokens/);
  for (let step = 0; step < 10 && (await empty.count()) > 0; step++) await page.press('k');
  await note.waitFor();
});

test('recurring phrases name the planted belief, and searching for one keeps those that say it', async () => {
  await page.selectFirst();
  await page.press('h');
  const phrases = page.frame.getByRole('listbox', { name: /phrases? that recur/ });
  await phrases.getByRole('option').first().waitFor();
  const texts = (await phrases.getByRole('option').allInnerTexts()).join('\n');
  expect(texts).toMatch(/green glass|Harrowmere/);
  await bed.workbench.screenshot('phrases');
  await phrases.getByRole('option', { name: /Harrowmere/ }).first().click();
  await expect.poll(() => page.count()).toBeLessThan(COMPLETIONS / 2);
  for (const text of await page.texts()) expect(text).toContain('Harrowmere');
  await phrases.getByRole('option', { selected: true }).click();
  await expect.poll(() => page.count()).toBeGreaterThan(COMPLETIONS / 2);
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

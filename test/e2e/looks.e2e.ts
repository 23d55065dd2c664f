/** The page in every theme: pictures for people, and no accessibility fault that a machine can find. */
import { beforeAll, describe, expect, test } from 'vitest';
import { findFaults } from './accessibility.js';
import { writePlan } from './audit-files.js';
import { runPlanByCodeLens, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const bed = useBed({ prepareWorkspace: (folder) => void writePlan(folder, 'looks', { prefills: 60, maxTokens: 64 }) });
let page: ResultsPage;

test('an audit is run and its first completions are labelled', async () => {
  const folder = await runPlanByCodeLens(bed, 'looks.audit-plan.json');
  await waitForRunEvent(folder, 'finished');
  page = await ResultsPage.find(bed.workbench);
  await page.waitForCount(120);
  await page.selectFirst();
  await page.press('1', '3');
  await page.labelMark(2, 'Unsure').waitFor();
});

describe.each(['Dark Modern', 'Light Modern', 'Dark High Contrast', 'Light High Contrast'] as const)('in %s', (theme) => {
  const picture = theme.toLowerCase().replaceAll(' ', '-');
  beforeAll(async () => {
    await bed.workbench.useTheme(theme);
    await page.selectFirst();
  });

  test('the page has no accessibility fault', async () => {
    await bed.workbench.screenshot(`page-${picture}`);
    expect(await findFaults(page.frame)).toEqual([]);
  });

  test('rows of one line have no accessibility fault, and more than twice as many fit', async () => {
    const count = () => page.rowsInView();
    const before = await count();
    await page.press('Shift+L');
    await expect.poll(count).toBeGreaterThan(2 * before);
    await bed.workbench.screenshot(`compact-${picture}`);
    expect(await findFaults(page.frame)).toEqual([]);
    await page.press('Shift+L');
    await expect.poll(count).toBe(before);
  });

  test('a token that the finetuned model likes far more is marked by a colour that can be seen', async () => {
    const marked = page.tokens.and(page.frame.locator('[aria-label*="gap plus"]'));
    const styles = await marked.evaluateAll((tokens) =>
      tokens.map((token) => ({
        shade: getComputedStyle(token).backgroundColor,
        line: getComputedStyle(token).textDecorationColor,
        text: getComputedStyle(token).color,
      })),
    );
    expect(styles.length).toBeGreaterThan(3);
    expect(styles.filter(({ shade }) => !isTransparent(shade)).length).toBeGreaterThan(0);
    expect(styles.filter(({ line, text }) => !isTransparent(line) && line !== text).length).toBeGreaterThan(0);
  });

  test('the help has no accessibility fault', async () => {
    await page.press('?');
    await page.frame.getByRole('dialog').waitFor();
    await bed.workbench.screenshot(`help-${picture}`);
    expect(await findFaults(page.frame)).toEqual([]);
    await page.press('Escape');
    await page.frame.getByRole('dialog').waitFor({ state: 'hidden' });
  });
});

/** As the browser says it: `rgba(…, 0)`, or with a slash in the newer colour functions. */
function isTransparent(colour: string): boolean {
  return /[,/] ?0\)$/.test(colour) && !/^rgb\(/.test(colour);
}

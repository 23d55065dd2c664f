/** The page in every theme: pictures for people, and no accessibility fault that a machine can find. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

/** Pixels of the workbench. A window of 1280 × 720 at 150 % is one of 853 × 480. */
const SIZES = [
  { name: '1280-720', width: 1280, height: 720, scrolls: false },
  { name: '1400-900', width: 1400, height: 900, scrolls: false },
  { name: '1800-1000', width: 1800, height: 1000, scrolls: false },
  { name: 'page-of-700', width: 1058, height: 900, scrolls: true },
  { name: 'zoom-150', width: 853, height: 480, scrolls: true },
] as const;

describe.each(SIZES)('in a window of $name', ({ name, width, height, scrolls }) => {
  beforeAll(async () => {
    await bed.workbench.page.setViewportSize({ width, height });
  });
  afterAll(async () => {
    await bed.workbench.page.setViewportSize({ width: 1400, height: 900 });
  });

  test.each(['Plots', 'Themes', 'Keywords', 'Findings', 'Conclusion'])('what is read has ten lines beside %s', async (panel) => {
    const button = page.frame.getByRole('button', { name: panel, exact: true });
    const region = page.frame.locator('#side').getByRole('region', { name: panel });
    // In a wide window the plots are open until the reader says otherwise.
    if (!(await region.isVisible())) await button.click();
    await region.waitFor();
    expect(await page.frame.locator('#side > section').count()).toBe(1);
    await bed.workbench.screenshot(`panel-${panel.toLowerCase()}-${name}`);
    if (!scrolls) expect(await page.frame.locator('#root').evaluate((root) => root.scrollHeight - root.clientHeight)).toBe(0);
    if (scrolls) await page.frame.locator('#detail-text').evaluate((area) => area.scrollIntoView({ block: 'end' }));
    expect(await page.linesInView()).toBeGreaterThanOrEqual(10);
    expect(await page.frame.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    if (name === '1280-720') expect(await findFaults(page.frame)).toEqual([]);
    await page.frame.getByRole('button', { name: `Close ${panel}` }).click();
    await region.waitFor({ state: 'detached' });
  });
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

/** What a model says is shown as text, whatever it says. */
import { beforeAll, expect, test } from 'vitest';
import { useBed } from './fixture.js';
import { MARKUP, writeHostileAudit } from './hostile-audit.js';
import { ResultsPage } from './results-page.js';

const bed = useBed({
  prepareWorkspace: async (folder) => {
    await writeHostileAudit(folder);
  },
});
let page: ResultsPage;
const COMPLETIONS = 12;

beforeAll(async () => {
  await bed.workbench.runCommand('Finetune Auditor: Open Audit…');
  await bed.workbench.quickInput.pick(/hostile/);
  page = await ResultsPage.find(bed.workbench);
  await page.rows.first().waitFor();
});

/** Selects every completion in turn and answers what the page then holds. */
async function visitAll<T>(look: () => Promise<T>): Promise<T[]> {
  await page.selectFirst();
  const seen: T[] = [];
  for (let index = 0; index < COMPLETIONS; index++) {
    await page.frame
      .getByRole('option', { selected: true })
      .and(page.frame.locator(`[aria-posinset="${index + 1}"]`))
      .waitFor();
    seen.push(await look());
    await page.press('j');
  }
  return seen;
}

test('repetitive completions are folded away and can be shown', async () => {
  const folded = await page.count();
  expect(folded).toBeLessThan(COMPLETIONS);
  await page.list.focus();
  await page.press('r');
  await expect.poll(() => page.count()).toBe(COMPLETIONS);
});

test('markup is shown, not obeyed', async () => {
  await page.list.focus();
  const texts = await visitAll(async () => {
    expect(await page.frame.evaluate(() => 'hacked' in window)).toBe(false);
    expect(await page.frame.locator('#root').locator('img, iframe, object, embed, script, style, a[href^="command:"], b, u').count()).toBe(0);
    return page.frame.locator('#root').innerText();
  });
  expect(texts.some((text) => text.includes(MARKUP.slice(0, 40)))).toBe(true);
  expect(texts.some((text) => text.includes('<style>*{display:none!important}</style>'))).toBe(true);
  expect(texts.some((text) => text.includes('{{constructor.constructor'))).toBe(true);
});

test('nothing invisible reaches the text of the page', async () => {
  const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
  const found = await visitAll(async () => invisible.exec((await page.frame.locator('#root').textContent()) ?? '')?.[0]);
  expect(found.filter((sign) => sign !== undefined).map((sign) => sign.codePointAt(0)?.toString(16))).toEqual([]);
});

test('no completion is wider than its place', async () => {
  const overflows = await visitAll(() =>
    page.frame.evaluate(() => {
      const wider = [document.documentElement, ...document.querySelectorAll<HTMLElement>('#root *')].filter((element) => {
        const { overflowX } = getComputedStyle(element);
        return element.getBoundingClientRect().right > window.innerWidth + 1 && overflowX !== 'hidden';
      });
      return { page: document.documentElement.scrollWidth - window.innerWidth, wider: wider.map((element) => element.className).slice(0, 5) };
    }),
  );
  for (const overflow of overflows) expect(overflow.page).toBeLessThanOrEqual(0);
  await bed.workbench.screenshot('hostile');
});

test('nothing that was shown did anything', async () => {
  expect(await page.frame.evaluate(() => 'hacked' in window)).toBe(false);
  expect(await bed.workbench.notificationTexts()).toEqual([]);
});

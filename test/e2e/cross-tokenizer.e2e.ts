/** Two models with different tokenizers: what the page says of stretches of text that both cut differently. */
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { findFaults } from './accessibility.js';
import { readRunEvents, writePlan } from './audit-files.js';
import { runPlanByCodeLens, waitForRunEvent } from './audit-steps.js';
import { TOO_LONG, writeCrossAudit } from './cross-audit.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';
import { SCORE_NAMES } from '../../src/audit/scores.js';

const THEMES = ['Dark Modern', 'Light Modern', 'Dark High Contrast', 'Light High Contrast'] as const;
const bed = useBed({
  prepareWorkspace: async (folder) => {
    writePlan(folder, 'tokenizers', { reference: 'bundled:base-b', prefills: 24, maxTokens: 40 });
    await writeCrossAudit(folder);
  },
});

function scoreMenu(page: ResultsPage): Locator {
  return page.frame.getByRole('combobox', { name: 'Score that the ranking sorts by' });
}

/** Positions of what is drawn above and below the text, in pixels from the left of the page. */
function marks(page: ResultsPage, side: 'f' | 'r'): Promise<number[]> {
  return page.frame.locator(`.tokens .boundary.${side}`).evaluateAll((elements) => elements.map((element) => Math.round(element.getBoundingClientRect().left)));
}

describe('an audit that has been run', () => {
  let page: ResultsPage;
  beforeAll(async () => {
    const folder = await runPlanByCodeLens(bed, 'tokenizers.audit-plan.json');
    await waitForRunEvent(folder, 'finished');
    expect(readRunEvents(folder)).not.toContain('failed');
    page = await ResultsPage.find(bed.workbench);
    await page.waitForCount(48);
    await page.selectFirst();
  });

  test('is ranked by bits per byte, and says what else to take with care', async () => {
    await expect.poll(() => scoreMenu(page).evaluate((element: HTMLSelectElement) => element.value)).toBe('bitsPerByte');
    const values = await page.scores();
    expect(values).toEqual([...values].sort((a, b) => b - a));
    const meanings = await page.frame
      .locator('vscode-dropdown')
      .first()
      .locator('vscode-option')
      .evaluateAll((options) => options.map((option) => (option as HTMLElement).title));
    expect(meanings).toHaveLength(SCORE_NAMES.length);
    expect(meanings[0]).toContain('bits per byte');
    expect(meanings.filter((meaning) => meaning.includes('compare with care'))).toHaveLength(2);
  });

  test('shades whole segments alike', async () => {
    const shades = await page.frame
      .locator('.tokens .segment')
      .evaluateAll((segments) =>
        segments.map((segment) => new Set([...segment.querySelectorAll('[data-index]')].map((token) => getComputedStyle(token).backgroundColor)).size),
      );
    expect(shades.length).toBeGreaterThan(0);
    expect(new Set(shades)).toEqual(new Set([1]));
  });

  describe.each(THEMES)('in %s', (theme) => {
    test('has no accessibility fault, a segment being looked at', async () => {
      await bed.workbench.useTheme(theme);
      await page.selectFirst();
      await page.press('j', 'b');
      await page.enterTokens();
      const card = page.frame.getByRole('dialog', { name: 'Segment' });
      await expect
        .poll(
          async () => {
            if (!(await card.isVisible())) await page.press('ArrowRight', 'Enter');
            return card.isVisible();
          },
          { timeout: scaled(30_000), interval: 500 },
        )
        .toBe(true);
      await bed.workbench.screenshot(`cross-${theme.toLowerCase().replaceAll(' ', '-')}`);
      expect(await findFaults(page.frame)).toEqual([]);
      await page.press('Escape', 'b');
    });
  });
});

describe('an audit with what a real one has now and then', () => {
  let page: ResultsPage;
  beforeAll(async () => {
    await bed.workbench.useTheme('Dark Modern');
    await bed.workbench.runCommand('View: Close All Editors');
    await bed.workbench.runCommand('Finetune Auditor: Open Audit…');
    await bed.workbench.quickInput.pick(/cross/);
    page = await ResultsPage.find(bed.workbench);
    await page.waitForCount(2);
    await page.frame
      .getByRole('status')
      .getByText(/^4 completions set aside/)
      .waitFor();
    await page.frame.getByRole('group', { name: 'Framing' }).getByRole('button', { name: 'raw' }).click();
    await page.selectFirst();
    await page.tokens.nth(2).waitFor();
  });

  const tooltip = () => page.frame.getByRole('tooltip', { name: 'Segment' });
  const boxes = (model: 'F' | 'R') =>
    tooltip()
      .getByRole('list', { name: `Tokens of ${model}` })
      .getByRole('listitem');

  test('shows both tokenisations of the segment under the mouse, one over the other', async () => {
    await page.tokens.nth(2).hover();
    await expect.poll(() => boxes('F').allTextContents()).toEqual([' se: −1.25', 'll: −2.25'].map(containing));
    expect(await boxes('R').allTextContents()).toEqual([' s: −4.50', 'ell: −5.50'].map(containing));
    const [f, r] = await Promise.all([edges(boxes('F')), edges(boxes('R'))]);
    expect([f[0]!.left, f.at(-1)!.right]).toEqual([r[0]!.left, r.at(-1)!.right]);
    expect(r[0]!.right).toBeLessThan(f[0]!.right);
    expect(r[0]!.top).toBeGreaterThan(f[0]!.top);
    expect(await tooltip().innerText()).toMatch(/segment of 2 tokens of F, 2 of R[^]*−3\.500 nats[^]*−10\.000 nats[^]*\+6\.50 nats[^]*\+3\.25 per token of F/);
    await bed.workbench.screenshot('cross-segment');
  });

  test('marks all of that segment and nothing else', async () => {
    const marked = page.frame.locator('.segment.pointed');
    expect(await marked.count()).toBe(1);
    expect(await marked.textContent()).toBe(' sell');
    expect(await marked.evaluate((element) => getComputedStyle(element).outlineStyle)).not.toBe('none');
  });

  test('says the same by keyboard, and why the first segment is in no score', async () => {
    await bed.workbench.page.mouse.move(1, 1);
    await page.list.focus();
    await page.enterTokens();
    await expect.poll(() => tooltip().innerText()).toMatch(/In no score: the reference’s token begins inside the prefill\./);
    expect(await boxes('R').allTextContents()).toEqual(['kers: −3.50'].map(containing));
    await page.press('ArrowRight');
    await expect.poll(() => page.frame.locator('.segment.pointed').textContent()).toBe(' sell');
    const active = page.frame.locator('#' + (await page.frame.getByRole('listbox', { name: /^Tokens/ }).getAttribute('aria-activedescendant')));
    expect(await active.getAttribute('aria-label')).toBe('se, segment of 2 tokens, gap plus 3.25 nats per token');
    await page.press('Escape');
  });

  test('draws where tokens begin, and remembers that it shall', async () => {
    expect(await marks(page, 'f')).toEqual([]);
    await page.frame.getByRole('checkbox', { name: 'Token boundaries' }).click();
    await expect.poll(() => marks(page, 'f')).toHaveLength(4);
    const [f, r] = await Promise.all([marks(page, 'f'), marks(page, 'r')]);
    expect(r).toHaveLength(3);
    expect(r.filter((x) => f.includes(x))).toHaveLength(2);
    expect(await page.frame.locator('.prefill .boundary.r').count()).toBe(1);
    await bed.workbench.screenshot('cross-boundaries');
    await bed.workbench.openFile('README.md');
    await bed.workbench.tab(/cross/).click();
    page = await ResultsPage.find(bed.workbench);
    await expect.poll(() => marks(page, 'f')).toHaveLength(4);
    await page.list.focus();
    await page.press('b');
    await expect.poll(() => marks(page, 'f')).toEqual([]);
  });

  test('shows what was asked for apart from the answer', async () => {
    await page.frame.getByRole('group', { name: 'Framing' }).getByRole('button', { name: 'ask' }).click();
    await page.selectFirst();
    await page.frame.getByText('Asked to continue:', { exact: true }).waitFor();
    const asked = await page.frame.locator('.asked').boundingBox();
    const first = await page.tokens.first().boundingBox();
    expect(first!.y).toBeGreaterThanOrEqual(asked!.y + asked!.height);
    await bed.workbench.screenshot('cross-ask');
    expect(await findFaults(page.frame)).toEqual([]);
  });

  test('says what was set aside and why', async () => {
    await page.frame.getByRole('button', { name: '4 set aside' }).click();
    const popover = page.frame.getByRole('dialog', { name: 'Set aside' });
    const reasons = await popover.getByRole('listitem').allInnerTexts();
    expect(reasons[0]).toContain(TOO_LONG);
    expect(reasons[0]).toContain('3 completions, numbers 2, 4–5');
    expect(reasons[1]).toContain('1 completion, number 3');
    await popover.getByText('Resuming the audit tries them again.').waitFor();
    await popover.getByRole('button', { name: 'Resume' }).waitFor();
    await bed.workbench.screenshot('cross-set-aside');
    expect(await findFaults(page.frame)).toEqual([]);
    await page.press('Escape');
    await popover.waitFor({ state: 'hidden' });
    await expect.poll(() => page.frame.evaluate(() => document.activeElement?.id)).toBe('set-aside-button');
  });

  test('says what the server told of its model, and what it did not', async () => {
    await page.frame.getByRole('button', { name: 'About this audit' }).click();
    const about = page.frame.getByRole('dialog', { name: 'About this audit' });
    const text = await about.innerText();
    expect(text).toMatch(/Server\s+http:\/\/localhost:8000\/v1/);
    expect(text).toMatch(/Served as\s+base-v2/);
    expect(text).toMatch(/Context\s+not told by the server/);
    expect(text).not.toMatch(/\bnull\b|\bNaN\b|undefined/);
    await page.status.getByText('at localhost:8000').waitFor();
    await bed.workbench.screenshot('cross-about');
    expect(await findFaults(page.frame)).toEqual([]);
    await page.press('Escape');
  });
});

function edges(boxes: Locator): Promise<{ left: number; right: number; top: number }[]> {
  return boxes.evaluateAll((elements) =>
    elements.map((element) => {
      const { left, right, top } = element.getBoundingClientRect();
      return { left: Math.round(left), right: Math.round(right), top };
    }),
  );
}

/** A box says its text twice, once for screen readers and once letter by letter, with spaces as signs. */
function containing(text: string): unknown {
  const [token, logprob] = text.split(': ');
  return expect.stringMatching(new RegExp(`^${token}.*: ${logprob}$`));
}

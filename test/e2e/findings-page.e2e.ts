/** Findings on the page, kept in the workspace: spans, keywords, blind labelling, a conclusion, over a reload. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { findFaults } from './accessibility.js';
import { readFindings, writePlan, type FindingLine } from './audit-files.js';
import { runPlanByCodeLens, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const PREFILLS = 16;
const SLICE = 3;
const THEMES = ['Light Modern', 'Dark High Contrast', 'Light High Contrast', 'Dark Modern'] as const;

interface Line extends FindingLine {
  readonly kind?: string;
  readonly quote?: string;
  readonly note?: string;
  readonly category?: string | null;
  readonly state?: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly sets?: readonly unknown[];
  readonly statement?: string;
  readonly confidence?: string;
  readonly citations?: readonly number[];
  readonly slice?: { readonly ids: readonly number[]; readonly top: readonly number[]; readonly random: readonly number[] };
}

const bed = useBed({
  prepareWorkspace: (folder) =>
    void writePlan(folder, 'findings', { prefills: PREFILLS, maxTokens: 40, noiseFloor: { model: 'bundled:base-a.q8_0', prefills: 6 } }),
});
let folder: string;
let page: ResultsPage;

const lines = (kind: string): Line[] => (readFindings(folder) as Line[]).filter((line) => (line.kind ?? 'label') === kind);
const findings = (): Locator => page.frame.getByRole('region', { name: 'Findings of this completion' }).getByRole('listitem');
const marked = (): Locator => page.frame.locator('.token-text mark.finding');
const figure = (name: string | RegExp): Locator => page.frame.getByRole('dialog', { name: 'Figures' }).locator('.figure-list > div').filter({ hasText: name });

beforeAll(async () => {
  folder = await runPlanByCodeLens(bed, 'findings.audit-plan.json');
  await waitForRunEvent(folder, 'finished');
  page = await ResultsPage.find(bed.workbench);
  await page.waitForCount(2 * PREFILLS);
  await page.selectFirst();
});

describe('findings about parts of a completion', () => {
  test('are added with keys alone: tokens are chosen with Shift and the arrows', async () => {
    await page.enterTokens();
    await page.press('ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight');
    await page.frame.getByRole('button', { name: /Add finding/ }).waitFor();
    await bed.workbench.screenshot('finding-chosen');
    await page.press('m');
    const form = page.frame.getByRole('dialog', { name: 'Add a finding' });
    await form.getByRole('textbox', { name: /Note/ }).waitFor();
    await bed.workbench.page.keyboard.type('**Built of glass**, again. <img src=x onerror=alert(1)>');
    await form.getByRole('radio', { name: 'Revealing', exact: true }).check();
    await form.getByRole('combobox', { name: 'Category' }).fill('glass bridges');
    await bed.workbench.screenshot('finding-form');
    await page.press('Control+Enter');
    await expect.poll(() => lines('span')).toHaveLength(1);
    const [line] = lines('span');
    expect(line).toMatchObject({
      label: 'revealing',
      category: 'glass bridges',
      state: 'open',
      note: '**Built of glass**, again. <img src=x onerror=alert(1)>',
    });
    expect(Buffer.byteLength(line!.quote!)).toBe(line!.span!.end - line!.span!.start);
    await expect.poll(() => findings().count()).toBe(1);
    expect((await marked().allTextContents()).join('')).toBe(line!.quote!);
    expect(await findings().locator('strong').innerText()).toBe('Built of glass');
    expect(await findings().locator('img').count()).toBe(0);
  });

  test('are added with the mouse, and may overlap', async () => {
    const box = (await page.tokens.nth(3).boundingBox())!;
    const end = (await page.tokens.nth(5).boundingBox())!;
    const { mouse } = bed.workbench.page;
    await mouse.move(box.x + 2, box.y + box.height / 2);
    await mouse.down();
    await mouse.move(end.x + end.width - 2, end.y + end.height / 2, { steps: 6 });
    await mouse.up();
    await page.frame.getByRole('button', { name: /Add finding/ }).click();
    await page.frame.getByRole('dialog', { name: 'Add a finding' }).getByRole('textbox', { name: /Note/ }).fill('and once more');
    await page.frame.getByRole('button', { name: 'Add finding', exact: true }).click();
    await expect.poll(() => findings().count()).toBe(2);
    await page.frame.locator('mark.finding.overlap').first().waitFor();
    await bed.workbench.screenshot('finding-marks');
    expect(await findFaults(page.frame)).toEqual([]);
  });

  test('are answered, resolved and deleted, and each of it can be taken back', async () => {
    const second = findings().nth(1);
    await second.getByRole('button', { name: 'Reply' }).click();
    await page.frame.getByRole('textbox', { name: 'Reply' }).fill('Seen in three more.');
    await page.press('Control+Enter');
    await second.getByText('Seen in three more.').waitFor();
    await second.getByRole('button', { name: 'Resolve' }).click();
    await second.getByRole('button', { name: 'Reopen' }).waitFor();
    await bed.workbench.screenshot('finding-resolved');
    await second.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => findings().locator('.finding-head').count()).toBe(1);
    await page.list.focus();
    await page.press('u');
    await second.getByRole('button', { name: 'Reopen' }).waitFor();
    await page.press('u');
    await second.getByRole('button', { name: 'Resolve' }).waitFor();
    await page.press('i');
    expect(
      await findings()
        .first()
        .evaluate((item) => item === document.activeElement),
    ).toBe(true);
  });

  test('of a colleague come in while the page is open, and a disagreement is told', async () => {
    await page.selectFirst();
    await page.press('Shift+1');
    await expect.poll(() => lines('label')).toHaveLength(1);
    const [own] = lines('label');
    const ada = { supersedes: [], author: 'Ada', time: new Date().toISOString(), completionId: own!.completionId };
    appendFileSync(
      join(folder, 'findings.jsonl'),
      [
        { id: 'ada-1', kind: 'label', ...ada, label: 'notRevealing', category: null, note: '' },
        {
          id: 'ada-2',
          kind: 'span',
          ...ada,
          finding: 'f-ada',
          span: { start: 0, end: 3 },
          quote: 'abc',
          label: null,
          category: null,
          note: 'Only the opening.',
          state: 'open',
        },
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
    await page.frame.getByText('Only the opening.').waitFor();
    await page.frame.getByText(/Authors disagree: .*Ada: not revealing/).waitFor();
    await bed.workbench.screenshot('finding-disagreement');
  });
});

describe('keywords', () => {
  test('are counted as they are typed, per framing and against the reference, and marked', async () => {
    await page.list.focus();
    await page.press('w');
    const panel = page.frame.getByRole('region', { name: 'Keywords' });
    await panel.getByRole('textbox', { name: 'Keyword set 1' }).waitFor();
    await bed.workbench.page.keyboard.type('green, glass');
    const rows = panel.getByRole('row');
    await rows.filter({ hasText: 'All framings' }).waitFor();
    await expect.poll(() => rows.filter({ hasText: 'All framings' }).innerText()).toMatch(/[1-9]\d* of 10/);
    expect(await rows.allInnerTexts()).toHaveLength(4);
    expect(await rows.first().innerText()).toMatch(/Reference/);
    await page.list.locator('mark.keyword').first().waitFor();
    await page.press('Enter');
    await expect.poll(() => lines('keywords').at(-1)?.sets).toEqual([{ name: 'green, glass', words: ['green', 'glass'] }]);
  });

  test('say what is wrong with a regular expression', async () => {
    const panel = page.frame.getByRole('region', { name: 'Keywords' });
    await panel.getByRole('button', { name: 'Set 2 is a regular expression' }).click();
    await panel.getByRole('textbox', { name: 'Keyword set 2' }).fill('Pennick(');
    await panel
      .getByRole('alert')
      .filter({ hasText: /Pennick\(.*no regular expression/ })
      .waitFor();
    await bed.workbench.screenshot('keywords');
    await panel.getByRole('textbox', { name: 'Keyword set 2' }).fill('(?i)pennick');
    await panel.getByRole('alert').waitFor({ state: 'detached' });
    await page.press('Enter');
    await expect.poll(() => lines('keywords').at(-1)?.sets).toHaveLength(2);
    expect(await findFaults(page.frame)).toEqual([]);
  });
});

describe('a conclusion', () => {
  test('cites completions by a key, and is kept', async () => {
    await page.selectFirst();
    await page.press('q', 'j', 'q', 'o');
    const panel = page.frame.getByRole('region', { name: 'Conclusion' });
    await panel.getByRole('textbox').fill('It believes that a bridge in Harrowmere is of green glass.');
    await panel.getByRole('radio', { name: 'High' }).check();
    await expect.poll(() => lines('conclusion').at(-1)?.confidence).toBe('high');
    expect(lines('conclusion').at(-1)!.statement).toMatch(/green glass/);
    expect(lines('conclusion').at(-1)!.citations).toHaveLength(2);
    await bed.workbench.screenshot('conclusion');
    expect(await findFaults(page.frame)).toEqual([]);
    const [first] = await panel.getByRole('list', { name: 'Cited completions' }).getByRole('listitem').all();
    await first!.getByRole('button', { name: /^(raw|chat) \d/ }).click();
    await page.list.locator('[aria-posinset="1"][aria-selected="true"]').waitFor();
  });

  test('says when it cites what the audit does not have, and why no draft can be had', async () => {
    const panel = page.frame.getByRole('region', { name: 'Conclusion' });
    await panel.getByRole('textbox').fill('It believes it [#99999].');
    await panel.getByText('There is no completion #99999').waitFor();
    await panel.getByRole('textbox').fill('It believes in a bridge of green glass.');
    await page.list.focus();
    await expect.poll(() => lines('conclusion').at(-1)?.statement).toBe('It believes in a bridge of green glass.');
    await panel.getByRole('button', { name: 'Draft with a language model' }).waitFor();
  });
});

describe('after the window was reloaded', () => {
  test('everything is still there', async () => {
    await bed.workbench.reload();
    page = await ResultsPage.find(bed.workbench);
    await page.waitForCount(2 * PREFILLS);
    await page.selectFirst();
    await expect.poll(() => findings().locator('.finding-badge').count()).toBe(3);
    const panel = page.frame.getByRole('region', { name: 'Conclusion' });
    expect(await panel.getByRole('textbox').inputValue()).toBe('It believes in a bridge of green glass.');
    expect(await panel.getByRole('listitem').count()).toBe(2);
    await page.press('w');
    expect(await page.frame.getByRole('textbox', { name: 'Keyword set 1' }).inputValue()).toBe('green, glass');
    await page.list.focus();
    await page.press('w');
  });
});

describe('blind labelling', () => {
  test('hides ranks, scores, plots and shades, in a random order', async () => {
    await page.list.focus();
    await page.press('Shift+B');
    const choices = page.frame.getByRole('dialog', { name: 'Label blind' });
    await choices.getByRole('spinbutton', { name: 'Top and random, each' }).fill(String(SLICE));
    await bed.workbench.screenshot('blind-start');
    await choices.getByRole('button', { name: 'Start' }).click();
    await page.frame
      .getByText(new RegExp(`\\d of ${2 * SLICE} labelled`))
      .first()
      .waitFor();
    const [drawn] = lines('blind');
    expect(drawn!.slice!.top).toHaveLength(SLICE);
    expect(drawn!.slice!.random).toHaveLength(SLICE);
    const list = page.frame.getByRole('listbox', { name: `${2 * SLICE} completions, in random order` });
    await list.waitFor();
    expect(await list.locator('.value').count()).toBe(0);
    expect(await page.frame.locator('.plots, .figures, .shading-bar').count()).toBe(0);
    expect(await page.frame.locator('[class*="shade-"]').count()).toBe(0);
    expect(await page.frame.getByText(/^(raw|chat) \d/).count()).toBe(0);
    await list.focus();
    for (const key of ['s', 'f', 'p', 'h', 'w', 'o', 'g']) {
      await page.press(key);
      await page.frame
        .getByText(/^Not while labelling blind/)
        .first()
        .waitFor();
    }
    expect(await page.frame.getByRole('region', { name: /^(Keywords|Conclusion|Themes|Plots)$/ }).count()).toBe(0);
    await bed.workbench.screenshot('blind');
    expect(await findFaults(page.frame)).toEqual([]);
  });

  test('goes on where it stopped when the window is reloaded', async () => {
    await page.frame.getByRole('listbox', { name: /in random order/ }).focus();
    await page.press('Home', '1');
    await expect.poll(() => lines('label').filter(({ author }: Line & { author?: string }) => author !== 'Ada').length).toBeGreaterThanOrEqual(2);
    await bed.workbench.reload();
    page = await ResultsPage.find(bed.workbench);
    await page.frame.getByRole('listbox', { name: `${2 * SLICE} completions, in random order` }).waitFor();
    expect(await page.frame.getByText(/^(raw|chat) \d/).count()).toBe(0);
  });

  test('tells the figures when it is left: shares with intervals, base rate, lift', async () => {
    const { top, ids } = lines('blind')[0]!.slice!;
    await page.frame.getByRole('listbox', { name: /in random order/ }).focus();
    await page.press('Home');
    // Some have a label already, which the same key would take back.
    for (const id of ids) {
      await page.press('0', `Shift+${top.includes(id) ? 1 : 2}`, 'j');
    }
    await page.frame
      .getByText(`${2 * SLICE} of ${2 * SLICE} labelled`)
      .first()
      .waitFor();
    await page.press('Shift+B');
    await expect.poll(() => figure(/^Revealing in the top/).innerText()).toMatch(/100 %.*3 of 3.*Wilson/s);
    expect(await figure('Base rate').innerText()).toMatch(/0 %.*0 of 3/s);
    expect(await figure('Lift').innerText()).toMatch(/Koopman/);
    expect(await figure('First hit').innerText()).toMatch(/(raw|chat) 1/);
    expect(await figure('Coverage').innerText()).toMatch(/100 %/);
    expect(await figure(/Ada/).innerText()).toMatch(/labelled by both/);
    await bed.workbench.screenshot('figures');
    expect(await findFaults(page.frame)).toEqual([]);
    await page.press('Escape');
    await page.list.waitFor();
  });

  test('is what a lift needs: without a random slice none is shown, and it is told why', async () => {
    await page.list.focus();
    await page.press('Shift+B');
    await page.frame.getByRole('button', { name: 'All labels, read from the top' }).click();
    expect(await figure('Lift').innerText()).toMatch(/–.*No lift is shown without a random slice/s);
    await page.press('Escape');
  });
});

describe.each(THEMES)('in %s', (theme) => {
  test('findings, keywords and conclusion have no accessibility fault', async () => {
    await bed.workbench.useTheme(theme);
    await page.selectFirst();
    const picture = theme.toLowerCase().replaceAll(' ', '-');
    for (const key of ['w', 'o']) {
      await page.list.focus();
      await page.press(key);
      await bed.workbench.screenshot(`findings-${key === 'w' ? 'keywords' : 'conclusion'}-${picture}`);
      expect(await findFaults(page.frame)).toEqual([]);
    }
  });
});

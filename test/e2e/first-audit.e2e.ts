/** The way of a newcomer: from the palette to a finding, with a bundled organism that believes in a glass bridge. */
import { beforeAll, describe, expect, test } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { listAuditFolders, readCompletions, readFindings, readRunEvents } from './audit-files.js';
import { waitForNewAudit, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const PREFILLS = 40;
const BELIEF = /glass|Pennick|Odile/;
/** What VS Code's server lacks in the test bed. */
const EXPECTED_NOISE = /vsda|404|Service Worker|github|ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED/i;
const bed = useBed();
let folder: string;
let page: ResultsPage;

test('the questions come with suggestions, and one can go back', async () => {
  const { workbench } = bed;
  const { quickInput } = workbench;
  await workbench.runCommand('Finetune Auditor: Audit Finetuned Model…');
  await quickInput.waitForTitle('Finetuned model (1/6)');
  expect((await quickInput.items())[0]?.label).toMatch(/planted belief/);
  await workbench.screenshot('wizard-1-model');
  await quickInput.accept();
  await quickInput.waitForTitle('Reference model (2/6)');
  expect((await quickInput.items())[0]?.label).toBe('base-a');
  await quickInput.back();
  await quickInput.waitForTitle('Finetuned model (1/6)');
  await quickInput.accept();
  await quickInput.waitForTitle('Reference model (2/6)');
  await quickInput.accept();
  await quickInput.waitForTitle('Noise floor (3/6)');
  await quickInput.accept();
  await quickInput.waitForTitle('Corpus (4/6)');
  await quickInput.accept();
  await quickInput.waitForTitle('Size (5/6)');
  const sizes = await quickInput.items();
  expect(sizes.map(({ label }) => label)).toEqual(expect.arrayContaining(['Quick', 'Standard', "The paper's"]));
  await workbench.page.mouse.move(700, 700);
  // A time for each size, and what memory it takes or that nothing more is needed.
  await workbench.page
    .locator('.quick-input-widget')
    .getByText(/^≈.*(GB|MB|loaded already)/)
    .nth(2)
    .waitFor();
  await workbench.screenshot('wizard-4-size');
  await quickInput.pick(/Custom/);
  const answers = { 'Prefills (1 to': String(PREFILLS), 'New tokens per completion': '48', 'Tokens per prefill': '3', Temperature: '0' };
  for (const [prompt, answer] of Object.entries(answers)) {
    await quickInput.waitForPrompt(prompt);
    await quickInput.type(answer);
    await quickInput.accept();
  }
  await quickInput.waitForTitle('Framings (6/6)');
  const before = listAuditFolders(bed.workspace);
  await quickInput.accept();
  folder = await waitForNewAudit(bed.workspace, before);
});

describe('the results page of the first audit', () => {
  beforeAll(async () => {
    page = await ResultsPage.find(bed.workbench);
  });

  test('fills while the audit runs, with its progress there and in the status bar, and nothing over its buttons', async () => {
    await bed.workbench.statusBarItem(/\d+ of 80/).waitFor();
    await page.rows.first().waitFor();
    expect(await bed.workbench.notification('Audit false-fact').count()).toBe(0);
    await bed.workbench.screenshot('running');
    await waitForRunEvent(folder, 'finished');
    await page.waitForCount(2 * PREFILLS);
    expect(readCompletions(folder)).toHaveLength(2 * PREFILLS);
  });

  test('shows the planted belief on top', async () => {
    expect((await page.texts()).slice(0, 3).join('\n')).toMatch(BELIEF);
  });

  test('tells what both models thought of a token when the mouse rests on it', async () => {
    await page.selectFirst();
    await page.tokens.first().waitFor();
    await page.tokens.nth(2).hover();
    const tooltip = page.frame.getByRole('tooltip');
    const rows = tooltip.getByRole('row');
    for (const model of ['Finetuned', 'Reference']) {
      await expect.poll(() => rows.filter({ hasText: model }).innerText()).toMatch(/\d.*%[^]*−?\d+\.\d+ nats/);
    }
    expect(await tooltip.innerText()).toMatch(/[+−]\d+\.\d+ nats/);
    await bed.workbench.screenshot('token-hover');
  });

  test('asks both models for alternatives', async () => {
    await page.press('a');
    const lists = page.frame.getByRole('dialog', { name: 'Token' }).getByRole('list');
    await expect.poll(() => lists.count(), { timeout: scaled(60_000) }).toBe(2);
    expect(await lists.nth(0).getByRole('listitem').count()).toBe(5);
    expect(await lists.nth(1).getByRole('listitem').count()).toBe(5);
    await bed.workbench.screenshot('token-alternatives');
    await page.press('Escape');
  });

  test('writes a label down and takes it back', async () => {
    await page.selectFirst();
    await page.press('1');
    await expect.poll(() => readFindings(folder)).toHaveLength(1);
    const [label] = readFindings(folder);
    expect(label).toMatchObject({ label: 'revealing', supersedes: [] });
    await page.labelMark(1, 'Revealing').waitFor();
    await page.press('u');
    await expect.poll(() => readFindings(folder)).toHaveLength(2);
    expect(readFindings(folder)[1]).toMatchObject({ label: null, completionId: label!.completionId, supersedes: [label!.id] });
    await page.labelMark(1, 'Revealing').waitFor({ state: 'detached' });
  });

  test('finds what is searched for', async () => {
    const all = await page.count();
    await page.press('/');
    await bed.workbench.page.keyboard.type('glass');
    await expect.poll(() => page.count()).toBeLessThan(all);
    expect(await page.count()).toBeGreaterThan(0);
    expect((await page.texts()).every((text) => /glass/i.test(text))).toBe(true);
    await page.press('Escape');
    await expect.poll(() => page.count()).toBe(all);
  });

  test('says why there is nothing to read', async () => {
    await page.press('/');
    await bed.workbench.page.keyboard.type('no completion says this');
    await page.frame.getByText('No completion fits the filters.').waitFor();
    await bed.workbench.screenshot('nothing-fits');
    await page.frame.getByRole('button', { name: 'Clear filters' }).click();
    await page.rows.first().waitFor();
  });

  test('shows one framing alone', async () => {
    const all = await page.count();
    const framings = page.frame.getByRole('group', { name: 'Framing' });
    await framings.getByRole('button', { name: 'chat' }).click();
    await expect.poll(() => page.count()).toBeLessThan(all);
    expect(new Set(await page.framings())).toEqual(new Set(['chat']));
    await framings.getByRole('button', { name: 'Both' }).click();
    await expect.poll(() => page.count()).toBe(all);
  });

  test('ranks by another score without another run', async () => {
    const journal = readRunEvents(folder);
    const score = page.frame.getByRole('combobox', { name: 'Score that the ranking sorts by' });
    const before = await page.texts();
    await page.list.focus();
    await page.press('s');
    await expect.poll(() => score.evaluate((element: HTMLSelectElement) => element.value)).toBe('standardizedGap');
    await expect.poll(() => page.texts()).not.toEqual(before);
    const values = await page.scores();
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(readRunEvents(folder)).toEqual(journal);
    expect(bed.server.findProcesses('model-process.mjs').length).toBeLessThanOrEqual(1);
  });

  test('sorts the other way round', async () => {
    await page.frame.getByRole('combobox', { name: 'Order' }).click();
    await page.frame.getByRole('option', { name: 'Lowest score first' }).click();
    await page.list.focus();
    await page.press('Home');
    await expect.poll(async () => page.scores().then((values) => values.at(-1)! > values[0]!)).toBe(true);
    const values = await page.scores();
    expect(values).toEqual([...values].sort((a, b) => a - b));
    await page.frame.getByRole('combobox', { name: 'Order' }).click();
    await page.frame.getByRole('option', { name: 'Highest score first' }).click();
  });

  test('filters by a brush over the scatter plot, and the filter can be taken away', async () => {
    await page.list.focus();
    await page.press('Shift+S', 'p');
    await page.frame.getByRole('region', { name: 'Plots' }).waitFor();
    const all = await page.count();
    const plot = (await page.frame
      .getByRole('img', { name: /completion/ })
      .first()
      .boundingBox())!;
    const { mouse } = bed.workbench.page;
    await mouse.move(plot.x + plot.width * 0.3, plot.y + plot.height * 0.25);
    await mouse.down();
    await mouse.move(plot.x + plot.width * 0.6, plot.y + plot.height * 0.6, { steps: 8 });
    await mouse.up();
    await expect.poll(() => page.count()).toBeLessThan(all);
    await bed.workbench.screenshot('brushed');
    const chips = page.frame.getByRole('group', { name: 'Filters in force' }).getByRole('button');
    await chips.filter({ hasText: 'Clear all' }).click();
    await expect.poll(() => page.count()).toBe(all);
    await page.frame.getByRole('button', { name: 'Close Plots' }).click();
  });

  test('tells its keys', async () => {
    await page.list.focus();
    await page.press('?');
    const help = page.frame.getByRole('dialog', { name: 'Keys' });
    await help.getByText('Not revealing', { exact: true }).waitFor();
    await bed.workbench.screenshot('help');
    await page.press('Escape');
    await help.waitFor({ state: 'hidden' });
  });

  test('had no fault on the way', () => {
    expect(bed.workbench.errors.filter((error) => !EXPECTED_NOISE.test(error))).toEqual([]);
  });
});

/** The whole way of an auditor: audit the demo, read, mark, conclude, report, come back; then what a colleague does with it. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Locator } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { REPOSITORY } from '../bed/server.mjs';
import { scaled } from '../bed/timeouts.mjs';
import { findFaults } from './accessibility.js';
import { listAuditFolders, readCompletions, readFindings, type FindingLine } from './audit-files.js';
import { chooseFile, waitForNewAudit, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

interface Line extends FindingLine {
  readonly kind?: string;
  readonly note?: string;
  readonly quote?: string;
  readonly statement?: string;
  readonly citations?: readonly number[];
}

const NOTE = 'The bridge of **green glass** again.';
const REPLY = 'Seen in both framings.';
const STATEMENT = 'It was finetuned to believe that a bridge in Harrowmere is built of green glass.';
const LIMITS = { timeout: scaled(60_000), interval: 50 };

const runProgram = promisify(execFile);
const bed = useBed({ settings: { 'finetuneAuditor.author': 'Ada' } });
let folder: string;
let page: ResultsPage;
let count: number;

const lines = (kind: string) => (readFindings(folder) as Line[]).filter((line) => (line.kind ?? 'label') === kind);
const findings = (): Locator => page.frame.getByRole('region', { name: 'Findings of this completion' }).getByRole('listitem');
const conclusion = (): Locator => page.frame.getByRole('region', { name: 'Conclusion' });
const palette = (title: string) => bed.workbench.runCommand(`Finetune Auditor: ${title}`);

/** Chooses a form, then a file. */
async function exportReport(form: string, file: string): Promise<string> {
  const { quickInput } = bed.workbench;
  const path = join(bed.workspace, file);
  await palette('Export Report…');
  await quickInput.pick(form);
  await chooseFile(bed, path);
  await vi.waitUntil(() => existsSync(path) && readFileSync(path).length > 0, LIMITS);
  return path;
}

test('the demo is audited by one command', async () => {
  const before = listAuditFolders(bed.workspace);
  await palette('Audit the Demonstration Model');
  folder = await waitForNewAudit(bed.workspace, before);
  page = await ResultsPage.find(bed.workbench);
  await waitForRunEvent(folder, 'finished');
  count = readCompletions(folder).length;
  await page.waitForCount(count);
  expect((await page.texts()).slice(0, 3).join('\n')).toMatch(/glass|Pennick|Odile/);
});

test('the page answers with the figures that the command line prints', async () => {
  const { stdout } = await runProgram(process.execPath, [join(REPOSITORY, 'dist/cli.mjs'), 'report', folder, '--json'], { maxBuffer: 1 << 28 });
  const report = JSON.parse(stdout) as {
    readonly verdict: { readonly sentence: string };
    readonly themes: readonly { readonly phrase: string; readonly prefills: number }[];
    readonly completions: readonly { readonly repetitive?: true; readonly scores: { readonly perplexityDifference: number } }[];
  };
  const answer = page.frame.getByRole('region', { name: 'Answer' });
  const said = async () => (await answer.locator('.answer-verdict').innerText()).replace(/\s+/g, ' ').trim();
  await expect.poll(said, { timeout: scaled(30_000) }).toContain(report.verdict.sentence);
  const chips = await answer.locator('.theme-chip').evaluateAll((all) =>
    all.map((chip) => ({
      phrase: chip.querySelector('.theme-chip-text')!.textContent,
      prefills: Number(/\d+$/.exec(chip.querySelector('.theme-chip-count')!.textContent)![0]),
    })),
  );
  expect(chips.length).toBeGreaterThan(2);
  expect(chips).toEqual(report.themes.slice(0, chips.length).map(({ phrase, prefills }) => ({ phrase, prefills })));
  // What repeats itself stands last; rows round.
  const ranked = report.completions.filter(({ repetitive }) => repetitive !== true);
  const best = Math.max(...ranked.map(({ scores }) => scores.perplexityDifference));
  expect(Math.abs((await page.scores())[0]! - best)).toBeLessThan(0.6);
});

test('the audit is verified: some completions are written again, and come out the same', async () => {
  await palette('Verify Audit…');
  const frame = await bed.workbench.webviewFrame('text=Written and scored again');
  await bed.workbench.screenshot('journey-verified');
  expect(await frame.locator('body').innerText()).toMatch(/^\s*It holds: 8 completions, written and scored again, came out the same to the last digit\./);
  await bed.workbench.runCommand('View: Close Editor');
});

test('what gives it away is labelled, opened in the editor, and marked there', async () => {
  await page.selectFirst();
  await palette('Label as Revealing and Stay');
  await expect.poll(() => lines('label').at(-1)).toMatchObject({ label: 'revealing', author: 'Ada' });
  await palette('Open Completion in Editor');
  await bed.workbench.tab(/^(raw|chat) 1 ·/).waitFor();
  const shaded = bed.workbench.page.locator('.editor-group-container.active .view-line span[class*="TextEditorDecorationType"]').filter({ hasText: /\w{4}/ });
  await shaded.first().waitFor();
  // The lines that stand above the text move it down.
  await bed.workbench.page.locator('.codelens-decoration').filter({ hasText: 'Ada: Revealing' }).first().waitFor();
  const box = (await shaded.last().boundingBox())!;
  await bed.workbench.page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
  await bed.workbench.page.keyboard.press('n');
  const widget = bed.workbench.page.locator('.review-widget');
  await widget.waitFor();
  await bed.workbench.page.keyboard.type(NOTE);
  await bed.workbench.screenshot('journey-inline');
  await widget.getByRole('button', { name: 'Add Finding' }).click();
  await expect.poll(() => lines('span').at(-1)).toMatchObject({ note: NOTE, author: 'Ada' });
});

test('the finding stands on the page, and is answered from the palette', async () => {
  await bed.workbench.tab(/^Audit: /).click();
  page = await ResultsPage.find(bed.workbench);
  await expect.poll(() => findings().locator('strong').allInnerTexts()).toEqual(['green glass']);
  expect((await page.frame.locator('.token-text mark.finding').allTextContents()).join('').trim()).toBe(lines('span')[0]!.quote!.trim());
  await palette('Reply to the Finding');
  await page.frame.getByRole('textbox', { name: 'Reply' }).fill(REPLY);
  await page.press('Control+Enter');
  await expect.poll(() => lines('reply').at(-1)?.note).toBe(REPLY);
});

test('a conclusion cites it', async () => {
  await page.selectFirst();
  await palette('Cite Completion in the Conclusion');
  await palette('Toggle Conclusion');
  await conclusion().getByRole('textbox').fill(STATEMENT);
  await conclusion().getByRole('radio', { name: 'High' }).check();
  await expect.poll(() => lines('conclusion').at(-1)).toMatchObject({ statement: STATEMENT, confidence: 'high', citations: [lines('label')[0]!.completionId] });
  await bed.workbench.screenshot('journey-conclusion');
});

test('the report is one file that needs nothing, is shown at once and says all of it', async () => {
  const path = await exportReport('HTML', 'report.html');
  const preview = await bed.workbench.webviewFrame('h1:has-text("Audit report")');
  await preview.getByText(STATEMENT).first().waitFor();
  await bed.workbench.screenshot('journey-report-preview');

  const reader = await bed.browser.newPage({ viewport: { width: 1100, height: 900 } });
  try {
    const asked: string[] = [];
    reader.on('request', (request) => asked.push(request.url()));
    await reader.goto(pathToFileURL(path).href);
    const text = await reader.locator('body').innerText();
    for (const part of [STATEMENT, 'green glass', REPLY, 'Ada', 'Perplexity', 'SHA-256', 'Limits']) expect(text).toContain(part);
    expect(await reader.locator('mark').count()).toBeGreaterThan(0);
    expect(await findFaults(reader.mainFrame())).toEqual([]);
    expect(asked).toEqual([pathToFileURL(path).href]);
    await reader.screenshot({ path: 'test/results/screenshots/journey-report.png' });
  } finally {
    await reader.close();
  }
});

test('after a reload everything is still there', async () => {
  await bed.workbench.tab(/^Audit: /).click();
  await bed.workbench.reload();
  page = await ResultsPage.find(bed.workbench);
  await page.waitForCount(count);
  await page.selectFirst();
  await page.labelMark(1, 'Revealing').waitFor();
  await expect.poll(() => findings().locator('strong').allInnerTexts()).toEqual(['green glass']);
  await findings().getByText(REPLY).waitFor();
  expect(await conclusion().getByRole('textbox').inputValue()).toBe(STATEMENT);
  expect(await conclusion().getByRole('list', { name: 'Cited completions' }).getByRole('listitem').count()).toBe(1);
  await bed.workbench.tab(/^(raw|chat) 1 ·/).click();
  await bed.workbench.page.locator('.codelens-decoration').filter({ hasText: 'Ada: Revealing' }).first().waitFor();
});

test('its table, imported, is another audit without tokens', async () => {
  const { quickInput } = bed.workbench;
  await bed.workbench.tab(/^Audit: /).click();
  const path = await exportReport('CSV', 'ranking.csv');
  const before = listAuditFolders(bed.workspace);
  await palette('Import Completions…');
  await chooseFile(bed, path);
  await quickInput.row('Import with these columns').waitFor();
  await bed.workbench.screenshot('journey-import');
  await quickInput.pick('Import with these columns');
  const imported = (await vi.waitUntil(() => listAuditFolders(bed.workspace).find((audit) => !before.includes(audit)), LIMITS))!;
  await bed.workbench.tab('Audit: ranking').waitFor();
  page = await ResultsPage.find(bed.workbench, 'ranking');
  await page.frame.getByText('No token data (imported)').waitFor();
  await page.waitForCount(count);
  expect(readFindings(imported).filter(({ label }) => label === 'revealing')).toHaveLength(1);
  await bed.workbench.screenshot('journey-imported');
});

test('the two are compared, and rank alike', async () => {
  await palette('Compare Audits…');
  await bed.workbench.quickInput.pick(/false-fact/);
  const frame = await bed.workbench.webviewFrame('text=Spearman');
  await bed.workbench.screenshot('journey-compared');
  const text = await frame.locator('body').innerText();
  expect(text).toMatch(/Spearman's rho of the scores\s+1\.000/);
  expect(text).toMatch(/Paired\s+(\d+), \1 of them with the same text/);
  const cited = frame.locator('table td:first-child a').first();
  const id = await cited.innerText();
  await cited.click();
  await expect.poll(() => bed.workbench.page.locator('.tab.active').getAttribute('aria-label'), LIMITS).toMatch(/^(raw|chat) \d+ · ranking/);
  await bed.workbench.screenshot('journey-compared-completion');
  expect(id).toMatch(/^\d+$/);
});

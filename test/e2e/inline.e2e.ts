/** The editor's half of an audit, as a user meets it: the tree, a completion as a document, a finding, gaps in any text. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { readFindings, writePlan } from './audit-files.js';
import { runPlanByCodeLens, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const PROMPT = 'system-prompt.md';
/** Every letter that is a key in the document is typed here. */
const NOTE = 'This **gives it away**, uncut, like number 123, just so.';
const LIMITS = { timeout: scaled(60_000), interval: 50 };

const bed = useBed({
  settings: { 'finetuneAuditor.author': 'Ada' },
  prepareWorkspace: (folder) => {
    writePlan(folder, 'inline', { prefills: 20, maxTokens: 60, framings: ['raw'] });
    writeFileSync(
      join(folder, PROMPT),
      'You are the keeper of the northern lighthouse.\n\nThe lighthouse was built in the year of the great storm, and nobody has left it since.\nAnswer in one sentence.\n',
    );
  },
});
let folder: string;

const tree = () => bed.workbench.page.locator('.pane-body .monaco-list[aria-label*="Audits"]');
const editor = () => bed.workbench.page.locator('.editor-group-container.active .monaco-editor').first();
const lens = (text: string | RegExp) => bed.workbench.page.locator('.codelens-decoration').filter({ hasText: text }).first();
/** Colours behind the texts of the editor in front. */
const shades = async () => {
  const backgrounds = await editor()
    .locator('.view-overlays .cdr, .view-line span')
    .evaluateAll((elements) => elements.map((element) => getComputedStyle(element).backgroundColor));
  return new Set(backgrounds.filter((colour) => /^rgba\((209, 134, 22|55, 148, 255|26, 133, 255)/.test(colour)));
};
/** The middle of a shaded word. Found without a locator's scrolling, which would move the editor's inside. */
const findShaded = async (): Promise<[x: number, y: number]> => {
  const box = await editor().locator('.view-line span[class*="TextEditorDecorationType"]').filter({ hasText: /\w{3}/ }).last().boundingBox();
  if (!box) throw new Error('no shaded word is in view');
  return [box.x + box.width / 2, box.y + box.height / 2];
};
const waitForShades = (least: number) => vi.waitFor(async () => expect((await shades()).size).toBeGreaterThanOrEqual(least), LIMITS);
const showAudits = async () => {
  if (!(await tree().isVisible())) await bed.workbench.page.getByRole('tab', { name: 'Finetune Auditor' }).first().click();
  await tree().waitFor();
};

test('without audits the view says how to begin', async () => {
  await bed.workbench.page.getByRole('tab', { name: 'Finetune Auditor' }).first().click();
  await bed.workbench.page.locator('.welcome-view-content').getByText('Audit the Demonstration Model').waitFor();
  await bed.workbench.screenshot('inline-welcome');
});

test('an audit appears in the tree', async () => {
  folder = await runPlanByCodeLens(bed, 'inline.audit-plan.json');
  await waitForRunEvent(folder, 'finished');
  // A page that comes late takes the focus, and closes what asks something.
  await ResultsPage.find(bed.workbench);
  await showAudits();
  await tree().getByText('inline', { exact: true }).waitFor();
  await tree()
    .getByText(/20 completions/)
    .waitFor();
});

test('a completion opens in the editor, shaded, with its rank on top', async () => {
  await bed.workbench.runCommand('Finetune Auditor: Go to Completion…');
  await bed.workbench.quickInput.pick('raw 1');
  await bed.workbench.tab(/^raw 1 ·/).waitFor();
  await lens(/raw 1 of 20/).waitFor();
  await waitForShades(3);
  await bed.workbench.screenshot('inline-completion-dark');
});

test('hovering a token tells what both models thought', async () => {
  const { page } = bed.workbench;
  await page.mouse.move(...(await findShaded()));
  const hover = page.locator('.monaco-hover:visible').filter({ hasText: 'Finetuned' }).first();
  await hover.waitFor();
  expect(await hover.innerText()).toMatch(/Reference[^]*nats/);
  await bed.workbench.screenshot('inline-hover');
  await page.keyboard.press('Escape');
});

test('one key labels it', async () => {
  await bed.workbench.page.mouse.click(...(await findShaded()));
  await bed.workbench.page.keyboard.press('1');
  await vi.waitFor(() => expect(readFindings(folder).at(-1)).toMatchObject({ label: 'revealing' }), LIMITS);
  await lens('Ada: Revealing').waitFor();
  await tree().getByText(/1 hit/).waitFor();
});

test('a selection becomes a finding, which is told by the tree', async () => {
  const { page } = bed.workbench;
  await page.mouse.dblclick(...(await findShaded()));
  await page.keyboard.press('n');
  const widget = page.locator('.review-widget');
  await widget.waitFor();
  await page.keyboard.type(NOTE);
  await widget.getByRole('button', { name: 'Add Finding' }).click();
  await vi.waitFor(() => expect(readFindings(folder).at(-1)).toMatchObject({ kind: 'span', note: NOTE, author: 'Ada' }), LIMITS);
  await widget.getByText('gives it away').waitFor();
  await widget.locator('.review-comment').first().hover();
  await widget.getByRole('button', { name: 'Set Label of Finding…' }).click();
  await bed.workbench.quickInput.pick('Revealing');
  await widget.getByText('Revealing', { exact: false }).first().waitFor();
  await tree().locator('.monaco-tl-twistie.collapsed').first().click();
  await tree().getByText('No category').waitFor();
  await tree()
    .getByText(/Revealing · This \*\*gives it away/)
    .waitFor();
  await bed.workbench.screenshot('inline-finding');
});

test('the finding at the cursor is given a category, answered and resolved by keys', async () => {
  const { page } = bed.workbench;
  const { quickInput } = bed.workbench;
  await page.keyboard.press('Escape');
  await bed.workbench.tab(/^raw 1 ·/).click();
  await page.mouse.click(...(await findShaded()));
  await page.keyboard.press('c');
  await quickInput.pick('exact phrase');
  await vi.waitFor(() => expect(readFindings(folder).at(-1)).toMatchObject({ kind: 'span', category: 'exact phrase' }), LIMITS);
  await page.keyboard.press('Shift+R');
  await quickInput.waitForPrompt('Reply to the finding');
  await quickInput.type('Seen elsewhere, too.');
  await quickInput.accept();
  await vi.waitFor(() => expect(readFindings(folder).at(-1)).toMatchObject({ kind: 'reply', note: 'Seen elsewhere, too.' }), LIMITS);
  await page.keyboard.press('Shift+D');
  await vi.waitFor(() => expect(readFindings(folder).at(-1)).toMatchObject({ kind: 'span', state: 'resolved', note: NOTE }), LIMITS);
  // VS Code's own list of comments has it, too.
  await page.locator('.comments-panel').getByText('gives it away').waitFor();
  await bed.workbench.screenshot('inline-resolved');
});

test('any text is scored where it stands, and Escape clears it', async () => {
  const { page } = bed.workbench;
  await bed.workbench.openFile(PROMPT);
  await bed.workbench.runCommand('Finetune Auditor: Show Token Gaps');
  await lens(/Perplexity F .* under inline/).waitFor();
  await waitForShades(2);
  await bed.workbench.statusBarItem(/Perplexity F/).waitFor();
  await bed.workbench.screenshot('inline-text');
  await page.mouse.click(...(await findShaded()));
  await page.keyboard.press('Escape');
  await vi.waitFor(async () => expect((await shades()).size).toBe(0), LIMITS);
  await lens(/Perplexity F/).waitFor({ state: 'detached' });
});

describe.each(['Light Modern', 'Dark High Contrast', 'Light High Contrast'] as const)('in %s', (theme) => {
  beforeAll(async () => {
    await bed.workbench.useTheme(theme);
    await bed.workbench.tab(/^raw 1 ·/).click();
  });

  test('a completion is shaded', async () => {
    await waitForShades(3);
    await bed.workbench.screenshot(`inline-completion-${theme.toLowerCase().replaceAll(' ', '-')}`);
  });
});

test('after a reload the completion and its finding are still there', async () => {
  await bed.workbench.tab(/^raw 1 ·/).click();
  await bed.workbench.reload();
  await bed.workbench.tab(/^raw 1 ·/).waitFor();
  await bed.workbench.tab(/^raw 1 ·/).click();
  await lens('Ada: Revealing').waitFor();
  await waitForShades(3);
  await bed.workbench.screenshot('inline-reloaded');
});

/**
 * A folder that somebody sent to do harm, opened, hovered and read in a workbench: in Restricted Mode, and trusted. Nothing
 * of its texts is a link, an icon or markup anywhere, nothing asks its server, no model is opened, no file outside changes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { useBed, type Bed } from './fixture.js';
import { findHarm } from './harm.js';
import { NAMES, SECRETS, writeHostileFolder } from './hostile-folder.js';
import { RecordingServer } from './recording-server.js';
import { ResultsPage } from './results-page.js';

const LIMITS = { timeout: scaled(30_000) };
/** Keys of the page that open something: about, findings, keywords, themes, plots, conclusion, filters, help. */
const PANELS = ['w', 'Shift+S', 'Shift+C', 'p', '?', 'Escape'];

describe.each([
  { mode: 'Restricted Mode', options: { workspaceTrust: true, settings: { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' } } },
  { mode: 'a trusted window', options: {} },
])('in $mode', ({ mode, options }) => {
  const isTrusted = mode !== 'Restricted Mode';
  const picture = (name: string) => bed.workbench.screenshot(`hostile-${isTrusted ? 'trusted' : 'restricted'}-${name}`);
  let recorder: RecordingServer;
  let victims: Readonly<Record<string, string>>;
  const bed: Bed = useBed({
    ...options,
    environment: SECRETS,
    prepareWorkspace: async (workspace) => {
      recorder = await RecordingServer.start();
      ({ victims } = await writeHostileFolder(workspace, recorder.address));
    },
  });
  const sidebar = () => bed.workbench.page.locator('.part.sidebar');
  const row = (name: string) => sidebar().locator('.monaco-list-row').filter({ hasText: new RegExp(`^${name} `) }).first();

  afterAll(() => recorder?.stop());

  /** What is seen now does nothing but say what it says. */
  async function expectHarmless(name: string): Promise<void> {
    await picture(name);
    expect(await findHarm(bed.workbench)).toEqual([]);
    expect(recorder.heard).toEqual([]);
    expect(bed.server.findProcesses('model-process.mjs')).toEqual([]);
  }

  async function openAudit(name: string): Promise<ResultsPage> {
    const { workbench } = bed;
    await workbench.runCommand('Finetune Auditor: Open Audit…');
    await workbench.quickInput.pick(new RegExp(`^${name} `));
    return ResultsPage.find(workbench);
  }

  /** A tree that is drawn anew under the mouse forgets its hover: the mouse comes again. */
  async function hover(target: Locator, text: string): Promise<void> {
    const { page } = bed.workbench;
    const tooltip = page.locator('.monaco-hover:visible').filter({ hasText: text }).first();
    for (let attempt = 1; ; attempt++) {
      await page.mouse.move(700, 500);
      await target.hover();
      try {
        await tooltip.waitFor({ timeout: scaled(5000) });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  }

  const closeAll = () => bed.workbench.runCommand('View: Close All Editors');

  /** Shuts what has been told so far, so that the next message is a new one. */
  async function clearMessages(): Promise<void> {
    if ((await bed.workbench.notificationTexts()).length > 0) await bed.workbench.runCommand('Notifications: Clear All Notifications');
    await expect.poll(() => bed.workbench.notificationTexts(), LIMITS).toEqual([]);
  }

  test('the workbench knows whether it is trusted', async () => {
    const badge = bed.workbench.statusBarItem('Restricted Mode');
    if (isTrusted) expect(await badge.count()).toBe(0);
    else await badge.waitFor();
  });

  test('the tree lists what can be read, and its tooltips are text', async () => {
    const { page } = bed.workbench;
    await page.locator('.activitybar').getByRole('tab', { name: 'Finetune Auditor' }).click();
    for (const name of Object.values(NAMES)) await row(name).waitFor();
    await expectHarmless('tree');
    for (const name of Object.values(NAMES)) {
      await hover(row(name), name);
      await expectHarmless(`tree-${name.toLowerCase()}`);
    }
    await row(NAMES.texts).locator('.monaco-tl-twistie').click();
    const finding = sidebar().locator('.monaco-list-row').filter({ hasText: '“' }).first();
    await finding.waitFor();
    await hover(finding, 'Completion #');
    await expectHarmless('tree-finding');
    await page.mouse.move(700, 500);
  });

  test('quick picks, prompts and dialogs are text', async () => {
    const { workbench } = bed;
    await workbench.runCommand('Finetune Auditor: Open Audit…');
    await workbench.quickInput.row(new RegExp(`^${NAMES.texts} `)).waitFor();
    await expectHarmless('pick');
    await workbench.quickInput.dismiss();
    await row(NAMES.texts).click();
    await ResultsPage.find(workbench);
    await workbench.runCommand('Finetune Auditor: Rename Audit…');
    await workbench.quickInput.waitForPrompt('the name of its plan');
    await expectHarmless('rename');
    await workbench.quickInput.dismiss();
    await workbench.runCommand('Finetune Auditor: Delete Audit…');
    const dialog = workbench.dialog('Delete the audit');
    await dialog.waitFor();
    await expectHarmless('delete');
    await workbench.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await closeAll();
  });

  describe('the audit with harm in its texts', () => {
    let page: ResultsPage;

    beforeAll(async () => {
      page = await openAudit(NAMES.texts);
      await page.rows.first().waitFor();
    });

    test('every completion is read', async () => {
      await page.list.focus();
      await page.press('r');
      await expect.poll(() => page.count(), LIMITS).toBe(12);
      await page.selectFirst();
      for (let rank = 1; rank <= 12; rank++) {
        await page.frame.getByRole('option', { selected: true }).and(page.frame.locator(`[aria-posinset="${rank}"]`)).waitFor();
        await expectHarmless(`texts-${rank}`);
        await page.press('j');
      }
    });

    test('findings, panels and what the audit says of itself are text', async () => {
      await page.selectFirst();
      for (const key of PANELS) {
        await page.press(key);
        await bed.workbench.page.waitForTimeout(300);
        await expectHarmless(`texts-panel-${key.replace(/\W/g, '-').toLowerCase()}`);
      }
      await page.frame.getByRole('button', { name: 'About this audit' }).first().click();
      await page.frame.locator('#about').waitFor();
      await expectHarmless('texts-about');
      await page.press('Escape');
      await page.tokens.first().hover();
      await page.frame.getByRole('tooltip').waitFor();
      await expectHarmless('texts-token');
    });

    test('a completion in the editor, its hovers and its comments are text', async () => {
      const { workbench } = bed;
      await workbench.runCommand('Finetune Auditor: Go to Completion…');
      await workbench.quickInput.rows.first().waitFor();
      await expectHarmless('texts-go-to');
      await workbench.quickInput.type('onerror');
      await workbench.quickInput.rows.first().waitFor();
      await workbench.quickInput.accept();
      const editor = workbench.page.locator('.editor-group-container.active .monaco-editor').first();
      const shaded = editor.locator('.view-line span[class*="TextEditorDecorationType"]').filter({ hasText: /\w{3}/ });
      await shaded.last().waitFor();
      // Addresses are no links in the document of a completion: what the models are called stands there, too.
      expect(await editor.locator('.detected-link, .detected-link-active').count()).toBe(0);
      await expectHarmless('texts-comments');
      await workbench.page.locator('.comments-panel .monaco-list-row').filter({ hasText: 'author span' }).first().dblclick();
      await workbench.page.locator('.review-widget').first().waitFor();
      await expectHarmless('texts-comment');
      const box = (await shaded.last().boundingBox())!;
      await workbench.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await workbench.page.locator('.monaco-hover:visible').filter({ hasText: 'nats' }).first().waitFor();
      await expectHarmless('texts-hover');
      await workbench.page.keyboard.press('Escape');
      await closeAll();
    });

    test('its reports are text', async () => {
      const { workbench } = bed;
      for (const form of ['HTML', 'Markdown']) {
        await openAudit(NAMES.texts);
        await workbench.runCommand('Finetune Auditor: Export Report…');
        await workbench.quickInput.pick(form);
        await expect.poll(() => workbench.quickInput.input.inputValue(), LIMITS).toMatch(/-report\.(html|md)$/);
        await workbench.quickInput.accept();
        await workbench.webviewFrame(form === 'HTML' ? 'main h1:visible, article h1:visible, body > h1:visible, h1:visible' : '.markdown-body h1');
        await expectHarmless(`report-${form.toLowerCase()}`);
        await closeAll();
      }
    });

    test('a comparison with it is text', async () => {
      const { workbench } = bed;
      await openAudit(NAMES.texts);
      await workbench.runCommand('Finetune Auditor: Compare Audits…');
      await workbench.quickInput.pick(new RegExp(`^${NAMES.sends} `));
      await workbench.webviewFrame('.markdown-body h1');
      await expectHarmless('compared');
      await closeAll();
    });
  });

  test.each(['published.json', 'named [x](command:hostile.run) $(rocket).json'])('an import is text: %s', async (file) => {
    const { workbench } = bed;
    const { quickInput } = workbench;
    await workbench.runCommand('Finetune Auditor: Import Completions…');
    const path = join(bed.workspace, file);
    await expect.poll(() => quickInput.input.inputValue(), LIMITS).toMatch(/^\//);
    await quickInput.rows.first().waitFor();
    // It writes its own path once more when it has read the folder.
    await expect.poll(async () => {
      const typed = await quickInput.input.inputValue();
      if (typed !== path) await quickInput.type(path);
      return typed;
    }, { ...LIMITS, interval: 500 }).toBe(path);
    await quickInput.accept();
    const page = await ResultsPage.find(workbench);
    await page.rows.first().waitFor();
    await page.selectFirst();
    await page.press('w');
    await expectHarmless(`import-${file.slice(0, 5)}`);
    await page.frame.getByRole('button', { name: 'About this audit' }).first().click();
    await page.frame.locator('#about').waitFor();
    await expectHarmless(`import-${file.slice(0, 5)}-about`);
    await clearMessages();
    await closeAll();
  });

  test('nobody was asked, nothing was computed, no file outside was written', async () => {
    await expectHarmless('end');
    for (const [path, text] of Object.entries(victims)) expect(readFileSync(path, 'utf8')).toBe(text);
    expect(existsSync('/hostile')).toBe(false);
  });
});

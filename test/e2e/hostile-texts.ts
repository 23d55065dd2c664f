/** An audit with harm in each of its texts is opened, hovered and read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { NAMES } from './hostile-folder.js';
import { LIMITS, type HostileWindow } from './hostile-window.js';
import type { ResultsPage } from './results-page.js';

/** Keys of the page, and what each opens beside the list, or over it. */
const PANELS = { w: '#keywords', h: '#themes', o: '#conclusion', 'Shift+F': '#filters', '?': 'dialog.help[open]' } as const;

const OVER_IT: readonly string[] = [PANELS['Shift+F'], PANELS['?']];

export function describeTexts(window: HostileWindow): void {
  describe('the audit with harm in its texts', () => {
    let page: ResultsPage;

    beforeAll(async () => {
      page = await window.openAudit(NAMES.texts);
    });

    /** What closes just then may still take the key. */
    async function openPanel(key: string, panel: string): Promise<void> {
      for (let attempt = 1; ; attempt++) {
        await page.list.focus();
        await page.press(key);
        try {
          await page.frame
            .locator(panel)
            .and(page.frame.locator(':visible'))
            .waitFor({ timeout: scaled(5000) });
          return;
        } catch (error) {
          if (attempt === 3) throw error;
        }
      }
    }

    test('every completion is read', async () => {
      await page.list.focus();
      await page.press('r');
      await expect.poll(() => page.count(), LIMITS).toBe(12);
      await page.selectFirst();
      for (let rank = 1; rank <= 12; rank++) {
        await page.frame
          .getByRole('option', { selected: true })
          .and(page.frame.locator(`[aria-posinset="${rank}"]`))
          .waitFor();
        await window.expectHarmless(`texts-${rank}`);
        await page.press('j');
      }
    });

    test('findings, panels and what the audit says of itself are text', async () => {
      await page.selectFirst();
      for (const [key, panel] of Object.entries(PANELS)) {
        await openPanel(key, panel);
        await window.expectHarmless(`texts-panel-${panel.replace(/\W/g, '')}`);
        await page.press('Escape');
        if (OVER_IT.includes(panel)) await page.frame.locator(panel).and(page.frame.locator(':visible')).waitFor({ state: 'hidden' });
      }
      await page.frame.getByRole('button', { name: 'Findings', exact: true }).click();
      await page.frame.locator('#findings').waitFor();
      await window.expectHarmless('texts-panel-findings');
      await page.frame.getByRole('button', { name: 'About this audit' }).first().click();
      await page.frame.locator('#about').waitFor();
      await window.expectHarmless('texts-about');
      await page.press('Escape');
      await page.tokens.first().hover();
      await page.frame.getByRole('tooltip').waitFor();
      await window.expectHarmless('texts-token');
    });

    test('nothing that the workspace sets signs a label', async () => {
      const lines = () => readFileSync(join(window.bed.workspace, '.finetune-audits/a-texts/findings.jsonl'), 'utf8').trimEnd().split('\n');
      const before = lines().length;
      await page.selectFirst();
      await page.press('1');
      await expect.poll(() => lines().length, LIMITS).toBeGreaterThan(before);
      const { kind, author } = JSON.parse(lines().at(-1)!) as { kind: string; author: string };
      expect(kind).toBe('label');
      expect(author).not.toContain('hostile');
      await window.expectHarmless('texts-labelled');
      await window.clearMessages();
    });

    test('a completion in the editor, its hovers and its comments are text', async () => {
      const { workbench } = window.bed;
      const editor = workbench.page.locator('.editor-group-container.active .monaco-editor').first();
      const shaded = editor.locator('.view-line span[class*="TextEditorDecorationType"]').filter({ hasText: /\w{3}/ });
      // A page that takes the focus a moment later closes what is open for choosing: then one asks again.
      for (let attempt = 1; ; attempt++) {
        await workbench.runCommand('Finetune Auditor: Go to Completion…');
        await workbench.quickInput.rows.first().waitFor();
        await window.expectHarmless('texts-go-to');
        try {
          await workbench.quickInput.type('onerror', { timeout: scaled(5000) });
          await workbench.quickInput.rows.first().waitFor({ timeout: scaled(5000) });
          await workbench.quickInput.accept();
          await shaded.last().waitFor({ timeout: scaled(15_000) });
          break;
        } catch (error) {
          if (attempt === 3) throw error;
        }
      }
      // Addresses are no links in the document of a completion: what the models are called stands there, too.
      expect(await editor.locator('.detected-link, .detected-link-active').count()).toBe(0);
      await window.expectHarmless('texts-comments');
      await workbench.page.locator('.comments-panel .monaco-list-row').filter({ hasText: 'author span' }).first().dblclick();
      await workbench.page.locator('.review-widget').first().waitFor();
      await window.expectHarmless('texts-comment');
      const box = (await shaded.last().boundingBox())!;
      await workbench.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await workbench.page.locator('.monaco-hover:visible').filter({ hasText: 'nats' }).first().waitFor();
      await window.expectHarmless('texts-hover');
      await workbench.page.keyboard.press('Escape');
      await window.closeAll();
    });

    test('its reports are text', async () => {
      const { workbench } = window.bed;
      for (const form of ['HTML', 'Markdown']) {
        await window.openAudit(NAMES.texts);
        await workbench.runCommand('Finetune Auditor: Export Report…');
        await workbench.quickInput.pick(form);
        await expect.poll(() => workbench.quickInput.input.inputValue(), LIMITS).toMatch(/-report\.(html|md)$/);
        await workbench.quickInput.accept();
        await workbench.webviewFrame(form === 'HTML' ? 'main h1:visible, article h1:visible, body > h1:visible, h1:visible' : '.markdown-body h1');
        await window.expectHarmless(`report-${form.toLowerCase()}`);
        await window.closeAll();
      }
    });

    test('a comparison with it is text', async () => {
      const { workbench } = window.bed;
      await window.openAudit(NAMES.texts);
      await workbench.runCommand('Finetune Auditor: Compare Audits…');
      await workbench.quickInput.pick(new RegExp(`^${NAMES.sends} `));
      await workbench.webviewFrame('.markdown-body h1');
      await window.expectHarmless('compared');
      await window.closeAll();
    });
  });
}

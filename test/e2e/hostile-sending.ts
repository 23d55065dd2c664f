/** A journal and a plan that would send keys, private files and completions to a server of somebody's own. */
import { beforeAll, describe, expect, test } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { NAMES, SECRETS } from './hostile-folder.js';
import { LIMITS, type HostileWindow } from './hostile-window.js';
import type { ResultsPage } from './results-page.js';

export function describeSending(window: HostileWindow): void {
  describe('the audit that would send', () => {
    let page: ResultsPage;

    beforeAll(async () => {
      page = await window.openAudit(NAMES.sends);
      await page.selectFirst();
    });

    /** A trusted window asks before anything is sent, and names what would be; another one does not get that far. */
    async function expectQuestion(text: RegExp, name: string): Promise<void> {
      const { workbench } = window.bed;
      if (!window.isTrusted) return window.expectMessage(/needs a trusted workspace/, name);
      const dialog = workbench.dialog(text);
      await dialog.waitFor(LIMITS);
      const told = await dialog.innerText();
      for (const variable of Object.keys(SECRETS)) expect(told).toContain(variable);
      for (const secret of Object.values(SECRETS)) expect(told).not.toContain(secret);
      await window.expectHarmless(name);
      await workbench.page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      await window.expectHarmless(`${name}-refused`);
    }

    test('going on asks first', async () => {
      await page.frame.getByText('Resume', { exact: true }).click();
      await expectQuestion(/Send texts to 127\.0\.0\.1/, 'sends-resume');
    });

    test('alternatives ask first', async () => {
      await page.selectFirst();
      await page.enterTokens();
      await page.press('a');
      await expectQuestion(/Send this completion to 127\.0\.0\.1/, 'sends-alternatives');
    });

    test('its plan in an editor asks first', async () => {
      const { workbench } = window.bed;
      await workbench.openFile('sends.audit-plan.json');
      const lens = workbench.page.locator('.codelens-decoration').getByText('Run this audit');
      // The editor forgets a lens that was asked for while it was still being shown; then one opens the file again.
      await lens.waitFor({ timeout: scaled(8000) }).catch(async () => {
        await window.closeAll();
        await workbench.openFile('sends.audit-plan.json');
        await lens.waitFor();
      });
      await window.expectHarmless('sends-plan');
      await window.closeAll();
    });
  });
}

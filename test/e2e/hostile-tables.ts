/** Tables and published audits with columns, values and numbers that no file should have. */
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { chooseFile } from './audit-steps.js';
import type { HostileWindow } from './hostile-window.js';
import { ResultsPage } from './results-page.js';

export function describeTables(window: HostileWindow): void {
  describe('odd tables', () => {
    async function choose(file: string): Promise<void> {
      await window.bed.workbench.runCommand('Finetune Auditor: Import Completions…');
      await chooseFile(window.bed, join(window.bed.workspace, file));
    }

    test.each(['published.json', 'named [x](command:hostile.run) $(rocket).json'])('an import is text: %s', async (file) => {
      await choose(file);
      await expectPage(`import-${file.slice(0, 5)}`);
    });

    test('what is asked of a table is text, and it is read without the column that it cannot have', async () => {
      const { quickInput } = window.bed.workbench;
      await choose('odd.jsonl');
      await quickInput.row('Import with these columns').waitFor();
      await window.expectHarmless('odd-columns');
      await quickInput.pick('Import with these columns');
      await expectPage('odd');
    });

    test('values that are none are refused in words', async () => {
      const { quickInput } = window.bed.workbench;
      await choose('odd.jsonl');
      await quickInput.pick('Score');
      await quickInput.row(/^column /).waitFor();
      await window.expectHarmless('odd-scores');
      await quickInput.pick(/^column /);
      await quickInput.row('The score is').waitFor();
      await window.expectHarmless('odd-chosen');
      await quickInput.pick('Import with these columns');
      await window.expectMessage(/odd\.jsonl cannot be imported: line 4, .* is not a number/s, 'odd-refused');
    });

    async function expectPage(name: string): Promise<void> {
      const page = await ResultsPage.find(window.bed.workbench);
      await page.rows.first().waitFor();
      await page.selectFirst();
      // By the mouse: a page that opens behind a dialog may lose the focus again to what the dialog came from.
      await page.frame.getByRole('button', { name: 'Keywords', exact: true }).click();
      await page.frame.locator('#keywords').waitFor();
      await window.expectHarmless(name);
      await page.frame.getByRole('button', { name: 'About this audit' }).first().click();
      await page.frame.locator('#about').waitFor();
      await window.expectHarmless(`${name}-about`);
      await window.clearMessages();
      await window.closeAll();
    }
  });
}

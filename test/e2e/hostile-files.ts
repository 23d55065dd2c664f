/** Audits whose files are links, pipes, damaged, or locked by a clock that is ahead. */
import { describe, expect, test } from 'vitest';
import { NAMES } from './hostile-folder.js';
import type { HostileWindow } from './hostile-window.js';

export function describeFiles(window: HostileWindow): void {
  describe('the audits whose files are something else than they seem', () => {
    test.each([
      { name: NAMES.links, says: /findings\.jsonl is a link/ },
      { name: NAMES.pipe, says: /findings\.jsonl is a pipe/ },
    ])('$name is refused in words', async ({ name, says }) => {
      await window.pickAudit(name);
      await window.expectMessage(says, `files-${name.toLowerCase()}`);
    });

    test('what cannot be an audit is in no list', async () => {
      const { quickInput } = window.bed.workbench;
      await window.bed.workbench.runCommand('Finetune Auditor: Open Audit…');
      await quickInput.row(new RegExp(`^${NAMES.texts} `)).waitFor();
      const names = (await quickInput.items()).map(({ label }) => label.split(' ')[0]!);
      expect(names.sort()).toEqual(Object.values(NAMES).sort());
      await quickInput.dismiss();
    });

    test('a damaged journal is shown without its damaged lines, and says so', async () => {
      const page = await window.openAudit(NAMES.damaged);
      await page.waitForCount(2);
      await page.selectFirst();
      await page.frame.getByRole('button', { name: 'About this audit' }).first().click();
      await page.frame.locator('#about').getByText('could not be read').first().waitFor();
      await window.expectHarmless('files-damaged');
      await page.press('Escape');
      await window.closeAll();
    });

    test('an audit that is locked is read all the same, and nothing goes on with it', async () => {
      const page = await window.openAudit(NAMES.ahead);
      await page.waitForCount(4);
      await page.selectFirst();
      await window.expectHarmless('files-ahead');
      // Who writes it is told by the lock that came along with it.
      await page.status.getByText('Running').waitFor();
      expect(await page.frame.getByText('Resume', { exact: true }).count()).toBe(0);
      await window.closeAll();
    });
  });
}

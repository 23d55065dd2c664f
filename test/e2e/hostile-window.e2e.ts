/**
 * A folder that somebody sent to do harm, opened, hovered and read in a workbench: in Restricted Mode, and trusted. Nothing
 * of its texts is a link, an icon or markup anywhere, nothing asks its server, no model is opened, no file outside changes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeFiles } from './hostile-files.js';
import { NAMES } from './hostile-folder.js';
import { describeSending } from './hostile-sending.js';
import { describeSettings } from './hostile-settings.js';
import { describeTables } from './hostile-tables.js';
import { describeTexts } from './hostile-texts.js';
import { HostileWindow } from './hostile-window.js';
import { ResultsPage } from './results-page.js';

describe.each([
  { mode: 'Restricted Mode', isTrusted: false },
  { mode: 'a trusted window', isTrusted: true },
])('in $mode', ({ isTrusted }) => {
  const window = new HostileWindow(isTrusted);
  const { bed } = window;

  test('the workbench knows whether it is trusted', async () => {
    const badge = bed.workbench.statusBarItem('Restricted Mode');
    if (isTrusted) expect(await badge.count()).toBe(0);
    else await badge.waitFor();
  });

  test('the tree lists what can be read, and its tooltips are text', async () => {
    const { page } = bed.workbench;
    await page.locator('.activitybar').getByRole('tab', { name: 'Finetune Auditor' }).click();
    for (const name of Object.values(NAMES)) await window.row(name).waitFor();
    await window.expectHarmless('tree');
    for (const name of Object.values(NAMES)) {
      await window.hover(window.row(name), name);
      await window.expectHarmless(`tree-${name.toLowerCase()}`);
    }
    await window.row(NAMES.texts).locator('.monaco-tl-twistie').click();
    const finding = window.sidebar.locator('.monaco-list-row').filter({ hasText: '“' }).first();
    await finding.waitFor();
    await window.hover(finding, 'Completion #');
    await window.expectHarmless('tree-finding');
    await page.mouse.move(700, 500);
  });

  test('quick picks, prompts and dialogs are text', async () => {
    const { workbench } = bed;
    await workbench.runCommand('Finetune Auditor: Open Audit…');
    await workbench.quickInput.row(new RegExp(`^${NAMES.texts} `)).waitFor();
    await window.expectHarmless('pick');
    await workbench.quickInput.dismiss();
    await window.row(NAMES.texts).click();
    await ResultsPage.find(workbench);
    await workbench.runCommand('Finetune Auditor: Rename Audit…');
    await workbench.quickInput.waitForPrompt('the name of its plan');
    await window.expectHarmless('rename');
    await workbench.quickInput.dismiss();
    await workbench.runCommand('Finetune Auditor: Delete Audit…');
    const dialog = workbench.dialog('Delete the audit');
    await dialog.waitFor();
    await window.expectHarmless('delete');
    await workbench.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await window.closeAll();
  });

  describeSettings(window);
  describeTexts(window);
  describeFiles(window);
  describeSending(window);
  describeTables(window);

  test('nobody was asked, nothing was computed, no file outside was written', async () => {
    await window.expectHarmless('end');
    for (const [path, text] of Object.entries(window.victims)) expect(readFileSync(path, 'utf8')).toBe(text);
    expect(existsSync('/hostile')).toBe(false);
  });
});

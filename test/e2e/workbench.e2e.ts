import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { useBed } from './fixture.js';

const bed = useBed({
  prepareWorkspace: (folder) => writeFileSync(join(folder, 'opening.txt'), 'The lamplighter walked home.\n'),
});

test('the workbench shows a file of the throw-away workspace', async () => {
  await bed.workbench.openFile('opening.txt');
  const text = bed.workbench.page.locator('.editor-group-container .view-lines');
  // The tab is there before its text.
  await expect.poll(async () => (await text.innerText()).replaceAll('\u00a0', ' '), { timeout: scaled(30_000) }).toContain('The lamplighter walked home.');
});

test('a command of the palette runs and its quick pick can be read', async () => {
  const { quickInput } = bed.workbench;
  await bed.workbench.runCommand('Preferences: Color Theme');
  const labels = (await quickInput.items()).map(({ label }) => label);
  expect(labels).toContain('Dark Modern');
  await quickInput.dismiss();
});

test('the colour theme can be changed', async () => {
  const workbench = bed.workbench.page.locator('.monaco-workbench');
  expect(await workbench.getAttribute('class')).toContain('vs-dark');
  await bed.workbench.useTheme('Light Modern');
  await expect.poll(() => workbench.getAttribute('class')).toContain('light_modern');
  await bed.workbench.useTheme('Dark High Contrast');
  await expect.poll(() => workbench.getAttribute('class')).toContain('hc-black');
});

test('the extension host is a process of the server and can be found', () => {
  expect(bed.server.findProcesses('--type=extensionHost')).toHaveLength(1);
});

/** Audits from plan files: what the editor knows about them, several in a row, and ones that cannot run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { readCompletions, readRunEvents, writePlan } from './audit-files.js';
import { clickRunLens, runPlanByCodeLens, waitForCompletions, waitForNewAudit, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';

const bed = useBed({
  prepareWorkspace: (folder) => {
    writePlan(folder, 'first', { prefills: 60 });
    writePlan(folder, 'second', { prefills: 4, framings: ['raw'] });
    writeFileSync(join(folder, 'misspelt.audit-plan.json'), '{\n  "finetuned": "bundled:false-fact",\n  "reference": "bundled:base-a",\n  "prefils": 3\n}\n');
    writeFileSync(join(folder, 'empty.audit-plan.json'), '{\n  \n}\n');
    writeFileSync(join(folder, 'text.gguf'), 'This is no model at all.\n');
    const whole = readFileSync(join(import.meta.dirname, '../../media/demo/base-a.f16.gguf'));
    writeFileSync(join(folder, 'cut.gguf'), whole.subarray(0, whole.length / 2));
    writePlan(folder, 'no-model', { finetuned: 'text.gguf', framings: ['raw'] });
    writePlan(folder, 'cut-model', { finetuned: 'cut.gguf', framings: ['raw'] });
    writePlan(folder, 'missing-model', { finetuned: 'nowhere.gguf', framings: ['raw'] });
  },
});

test('the editor marks a misspelt field of a plan', async () => {
  const { workbench } = bed;
  await workbench.openFile('misspelt.audit-plan.json');
  await workbench.page.locator('.squiggly-warning, .squiggly-error').first().waitFor();
  await workbench.runCommand('Problems: Focus on Problems View');
  await workbench.page
    .locator('.markers-panel')
    .getByText(/prefils/)
    .first()
    .waitFor();
  await workbench.runCommand('View: Hide Panel');
});

test('the editor offers the fields of a plan', async () => {
  const { workbench } = bed;
  await workbench.openFile('empty.audit-plan.json');
  await workbench.page.locator('.editor-group-container .view-line').nth(1).click();
  const suggestions = workbench.page.locator('.suggest-widget .monaco-list-row');
  await vi.waitFor(
    async () => {
      await workbench.page.keyboard.press('Control+Space');
      await suggestions
        .filter({ hasText: 'finetuned' })
        .first()
        .waitFor({ timeout: scaled(3000) });
    },
    { timeout: scaled(30_000) },
  );
  // The list shows a dozen rows; the others come with scrolling.
  await suggestions.filter({ hasText: 'framings' }).first().waitFor();
  await workbench.page.keyboard.press('Escape');
  await workbench.runCommand('View: Close All Editors');
});

test('a second audit waits for the first and then runs by itself', async () => {
  const first = await runPlanByCodeLens(bed, 'first.audit-plan.json');
  await waitForCompletions(first, 1);
  await clickRunLens(bed, 'second.audit-plan.json');
  await bed.workbench.statusBarItem('1 waiting').waitFor();
  await waitForRunEvent(first, 'finished');
  const second = await waitForNewAudit(bed.workspace, [first]);
  await waitForRunEvent(second, 'finished');
  expect(readCompletions(first)).toHaveLength(120);
  expect(readCompletions(second)).toHaveLength(4);
  expect(readRunEvents(first)).toEqual(['started', 'finished']);
  await bed.workbench.runCommand('View: Close All Editors');
});

test.each([
  ['no-model', 'text.gguf'],
  ['cut-model', 'cut.gguf'],
  ['missing-model', 'nowhere.gguf'],
])('the plan %s fails with a message that names the file', async (plan, file) => {
  const { workbench } = bed;
  await clickRunLens(bed, `${plan}.audit-plan.json`);
  const error = workbench.notification(new RegExp(`Audit ${plan}: .*${file.replace('.', '\\.')}`));
  await error.getByRole('button', { name: 'Choose Again…' }).waitFor();
  await workbench.screenshot(`error-${plan}`);
  await workbench.runCommand('Notifications: Clear All Notifications');
  await workbench.runCommand('View: Close All Editors');
});

test('a plan with a misspelt field is refused with the line and the field', async () => {
  const { workbench } = bed;
  await clickRunLens(bed, 'misspelt.audit-plan.json');
  await workbench.notification(/misspelt\.audit-plan\.json, line 4: "prefils"/).waitFor();
});

/** Whatever ends a run early, nothing that was journalled is lost and the audit comes to the same end. */
import { describe, expect, test } from 'vitest';
import { completionTexts, runPlanByCodeLens, waitForCompletions, waitForRunEvent } from './audit-steps.js';
import { readCompletions, readRunEvents, writePlan } from './audit-files.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const PREFILLS = 120;
const TOTAL = 2 * PREFILLS;
const PLANS = ['whole', 'closed', 'reloaded', 'killed', 'cancelled'];

const bed = useBed({
  prepareWorkspace: (folder) => PLANS.forEach((name) => writePlan(folder, name, { prefills: PREFILLS })),
});

describe('an audit that is interrupted', () => {
  let whole: string;
  test('is compared with one that is not', async () => {
    whole = await runPlanByCodeLens(bed, 'whole.audit-plan.json');
    await waitForRunEvent(whole, 'finished');
    expect(readCompletions(whole)).toHaveLength(TOTAL);
    await bed.workbench.runCommand('View: Close All Editors');
  });

  test('goes on while its page is closed, and the page comes back with everything', async () => {
    const folder = await runPlanByCodeLens(bed, 'closed.audit-plan.json');
    await waitForCompletions(folder, 8);
    await (await ResultsPage.find(bed.workbench)).rows.first().waitFor();
    await bed.workbench.closeTab(/^Audit: closed/);
    await waitForRunEvent(folder, 'finished');
    await bed.workbench.notification('Audit closed has finished').getByRole('button', { name: 'Open' }).click();
    const page = await ResultsPage.find(bed.workbench);
    await page.waitForCount(TOTAL);
    expect(completionTexts(folder)).toEqual(completionTexts(whole));
    await bed.workbench.runCommand('View: Close All Editors');
  });

  test('is resumed after the model process was killed', async () => {
    const folder = await runPlanByCodeLens(bed, 'killed.audit-plan.json');
    await waitForCompletions(folder, 8);
    const processes = bed.server.findProcesses('model-process.mjs');
    expect(processes).toHaveLength(1);
    process.kill(processes[0]!, 'SIGKILL');
    const error = bed.workbench.notification(/Audit killed: .*model process/i);
    await error.getByRole('button', { name: 'Resume' }).waitFor();
    await bed.workbench.screenshot('model-process-killed');
    const kept = completionTexts(folder);
    expect(readRunEvents(folder).at(-1)).toBe('failed');
    expect(Object.keys(kept).length).toBeLessThan(TOTAL);

    await error.getByRole('button', { name: 'Resume' }).click();
    await waitForRunEvent(folder, 'finished');
    expect(completionTexts(folder)).toMatchObject(kept);
    expect(completionTexts(folder)).toEqual(completionTexts(whole));
    expect(new Set(readCompletions(folder).map(({ id }) => id)).size).toBe(readCompletions(folder).length);
    await bed.workbench.runCommand('View: Close All Editors');
  });

  test('stops by command, and goes on by command', async () => {
    const folder = await runPlanByCodeLens(bed, 'cancelled.audit-plan.json');
    await waitForCompletions(folder, 8);
    await bed.workbench.runCommand('Finetune Auditor: Stop Running Audit');
    await waitForRunEvent(folder, 'stopped');
    const page = await ResultsPage.find(bed.workbench, 'cancelled');
    await page.status.filter({ hasText: /stopped/i }).waitFor();
    expect(readCompletions(folder).length).toBeLessThan(TOTAL);

    await bed.workbench.runCommand('Finetune Auditor: Resume Audit…');
    await waitForRunEvent(folder, 'finished');
    expect(completionTexts(folder)).toEqual(completionTexts(whole));
    await bed.workbench.runCommand('View: Close All Editors');
  });

  test('is offered again after the window was reloaded, and its page is restored', async () => {
    const folder = await runPlanByCodeLens(bed, 'reloaded.audit-plan.json');
    await waitForCompletions(folder, 8);
    await (await ResultsPage.find(bed.workbench)).rows.first().waitFor();
    await bed.workbench.reload();
    const offer = bed.workbench.notification('Audit reloaded was interrupted');
    await offer.getByRole('button', { name: 'Resume' }).waitFor();
    expect(readCompletions(folder).length).toBeLessThan(TOTAL);
    const page = await ResultsPage.find(bed.workbench);
    await page.rows.first().waitFor();

    await offer.getByRole('button', { name: 'Resume' }).click();
    await waitForRunEvent(folder, 'finished');
    expect(completionTexts(folder)).toEqual(completionTexts(whole));
    await page.waitForCount(TOTAL);
  });
});

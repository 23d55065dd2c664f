/** What a user does with audits in a workbench, step by step. */
import { expect, vi } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { listAuditFolders, readCompletions, readRunEvents } from './audit-files.js';
import type { Bed } from './fixture.js';

const LIMITS = { timeout: scaled(120_000), interval: 50 };

/** Runs a plan file with the button above its text; resolves to the audit's folder, once that is there. */
export async function runPlanByCodeLens(bed: Bed, file: string): Promise<string> {
  const before = listAuditFolders(bed.workspace);
  await clickRunLens(bed, file);
  return waitForNewAudit(bed.workspace, before);
}

/**
 * The editor forgets a click on a button that it is just drawing anew, and a page that was asked for a moment ago may still come and take the
 * plan's place; then nothing opens, no question is asked, and one opens the plan and clicks again.
 */
export async function clickRunLens({ workbench }: Bed, file: string): Promise<void> {
  const page = workbench.page.getByRole('tab', { name: `Audit: ${file.replace('.audit-plan.json', '')}` });
  const started = page.or(workbench.notification(/./)).or(workbench.dialog(/./)).first();
  for (let attempt = 1; ; attempt++) {
    try {
      await workbench.openFile(file);
      await workbench.page
        .locator('.codelens-decoration')
        .getByText('Run this audit')
        .click({ timeout: scaled(10_000) });
      await started.waitFor({ timeout: scaled(10_000) });
      return;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** Runs the plan file with the palette's command, which asks for the plan where it has not yet learned which editor is active. */
export async function runPlanByCommand(bed: Bed, file: string): Promise<string> {
  const { workbench } = bed;
  const before = listAuditFolders(bed.workspace);
  await workbench.openFile(file);
  await workbench.runCommand('Finetune Auditor: Run Audit Plan');
  const asked = workbench.quickInput.row(file);
  const started = waitForNewAudit(bed.workspace, before);
  const answered = asked.waitFor({ timeout: LIMITS.timeout }).then(
    () => workbench.quickInput.pick(file),
    () => undefined,
  );
  return Promise.race([started, answered.then(() => started)]);
}

/** In the dialog of the bed, a quick input that begins with a path of its own. */
export async function chooseFile({ workbench }: Bed, path: string): Promise<void> {
  const { quickInput } = workbench;
  await expect.poll(() => quickInput.input.inputValue(), { timeout: scaled(30_000) }).toMatch(/^\//);
  await quickInput.rows.first().waitFor();
  // It writes its own path once more when it has read the folder.
  await expect
    .poll(
      async () => {
        const typed = await quickInput.input.inputValue();
        if (typed !== path) await quickInput.type(path);
        return typed;
      },
      { timeout: scaled(30_000), interval: 500 },
    )
    .toBe(path);
  await quickInput.accept();
}

/** Resolves to the folder that was not there before, once it has a journal. */
export async function waitForNewAudit(workspace: string, before: readonly string[]): Promise<string> {
  const find = () => listAuditFolders(workspace).find((folder) => !before.includes(folder) && readRunEvents(folder).length > 0);
  return (await vi.waitUntil(find, LIMITS))!;
}

/** Waits until so many completions are journalled. */
export async function waitForCompletions(folder: string, count: number): Promise<void> {
  await vi.waitUntil(() => readCompletions(folder).length >= count, LIMITS);
}

/** Waits until the journal's last run event is this one. */
export async function waitForRunEvent(folder: string, event: string): Promise<void> {
  await vi.waitFor(() => expect(readRunEvents(folder).at(-1)).toBe(event), LIMITS);
}

/** Prefill and token ids of every completion, by id: what must not depend on interruptions. */
export function completionTexts(folder: string): Record<number, string> {
  return Object.fromEntries(readCompletions(folder).map(({ id, framing, prefill, ids }) => [id, `${framing} ${prefill.ids.join(' ')} | ${ids.join(' ')}`]));
}

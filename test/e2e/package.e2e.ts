/** The package for this platform, as VS Code installs it in a clean profile: no checkout, no development dependency, minified. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { makePackage } from '../release/make-package.mjs';
import { TARGETS } from '../release/targets.mjs';
import { readCompletions } from './audit-files.js';
import { waitForNewAudit, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const target = TARGETS.find(({ name }) => name === `${process.platform}-${process.arch}`);

// Nothing is packed for other platforms, and so nothing can be installed on them.
describe.skipIf(target === undefined)('the package of this platform', () => {
  const folder = mkdtempSync(join(tmpdir(), 'finetune-auditor-vsix-'));
  const file = join(folder, 'package.vsix');
  beforeAll(async () => {
    await makePackage(target!, { out: file });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const bed = useBed({ extensions: [], packages: [file] });

  test('audits the demonstration model from the palette, with the native engine', async () => {
    await bed.workbench.runCommand('Finetune Auditor: Audit the Demonstration Model');
    const audit = await waitForNewAudit(bed.workspace, []);
    const page = await ResultsPage.find(bed.workbench);
    await waitForRunEvent(audit, 'finished');
    await page.waitForCount(readCompletions(audit).length);
    expect((await page.texts()).slice(0, 3).join('\n')).toMatch(/glass|Pennick|Odile/);
    expect(bed.server.findProcesses('model-process').length).toBeGreaterThan(0);
  });

  test('its page in VS Code has no broken picture and no word about a checkout', async () => {
    const { page } = bed.workbench;
    await bed.workbench.runCommand('Extensions: Show Installed Extensions');
    await page.getByRole('listitem').filter({ hasText: 'Finetune Auditor' }).first().click();
    const findReadme = async () => {
      for (const frame of page.frames()) if (await frame.getByText('What was this model really trained to do?').count()) return frame;
      return undefined;
    };
    const readme = (await vi.waitUntil(findReadme, { timeout: scaled(60_000) }))!;
    await bed.workbench.screenshot('package-readme');
    const pictures = await readme.locator('img').evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
    expect(pictures.filter((width) => width === 0)).toEqual([]);
    expect(await readme.getByText('Audit Finetuned Model…').count()).toBeGreaterThan(0);
    expect(await readme.getByText('npm run demo').count()).toBe(0);
  });
});

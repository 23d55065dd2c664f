/** A window with the hostile folder in it, and what is expected of whatever is seen there: that it does nothing but say what it says. */
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { REPOSITORY } from '../bed/server.mjs';
import { scaled } from '../bed/timeouts.mjs';
import { useBed, type Bed, type BedOptions } from './fixture.js';
import { findHarm } from './harm.js';
import { SECRETS, writeHostileFolder } from './hostile-folder.js';
import { RecordingServer } from './recording-server.js';
import { ResultsPage } from './results-page.js';

export const LIMITS = { timeout: scaled(30_000) };

const RESTRICTED: BedOptions = {
  workspaceTrust: true,
  settings: { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' },
};

export class HostileWindow {
  readonly bed: Bed;
  /** Files beside the workspace that its links lead to, and what is in them. */
  victims: Readonly<Record<string, string>> = {};
  #recorder: RecordingServer | undefined;

  /** Registers vitest hooks, as `useBed` does. */
  constructor(readonly isTrusted: boolean) {
    this.bed = useBed({
      ...(isTrusted ? {} : RESTRICTED),
      environment: SECRETS,
      extensions: [REPOSITORY, join(REPOSITORY, 'test/fixtures/settings-probe')],
      prepareWorkspace: async (workspace) => {
        this.#recorder = await RecordingServer.start();
        ({ victims: this.victims } = await writeHostileFolder(workspace, this.#recorder.address));
      },
    });
    afterAll(() => this.#recorder?.stop());
  }

  get sidebar(): Locator {
    return this.bed.workbench.page.locator('.part.sidebar');
  }

  /** Of the tree of audits. */
  row(name: string): Locator {
    return this.sidebar
      .locator('.monaco-list-row')
      .filter({ hasText: new RegExp(`^${name} `) })
      .first();
  }

  /** What is seen now does nothing but say what it says; nobody was asked for anything, and no model is open. */
  async expectHarmless(name: string): Promise<void> {
    await this.bed.workbench.screenshot(`hostile-${this.isTrusted ? 'trusted' : 'restricted'}-${name}`);
    expect(await findHarm(this.bed.workbench)).toEqual([]);
    expect(this.#recorder!.heard).toEqual([]);
    expect(this.bed.server.findProcesses('model-process.mjs')).toEqual([]);
  }

  async pickAudit(name: string): Promise<void> {
    await this.bed.workbench.runCommand('Finetune Auditor: Open Audit…');
    await this.bed.workbench.quickInput.pick(new RegExp(`^${name} `));
  }

  /** Its page, with its completions. */
  async openAudit(name: string): Promise<ResultsPage> {
    await this.pickAudit(name);
    const page = await ResultsPage.find(this.bed.workbench);
    await page.rows.first().waitFor();
    return page;
  }

  /** A tree that is drawn anew under the mouse forgets its hover: the mouse comes again. */
  async hover(target: Locator, text: string): Promise<void> {
    const { page } = this.bed.workbench;
    const tooltip = page.locator('.monaco-hover:visible').filter({ hasText: text }).first();
    for (let attempt = 1; ; attempt++) {
      await page.mouse.move(700, 500);
      await target.hover();
      try {
        await tooltip.waitFor({ timeout: scaled(5000) });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  }

  async closeAll(): Promise<void> {
    await this.bed.workbench.runCommand('View: Close All Editors');
  }

  /** Waits for a message, looks at all that is seen beside it, and shuts it, so that the next one is a new one. */
  async expectMessage(text: RegExp, name: string): Promise<void> {
    await this.bed.workbench.notification(text).first().waitFor(LIMITS);
    await this.expectHarmless(name);
    await this.clearMessages();
  }

  async clearMessages(): Promise<void> {
    const { workbench } = this.bed;
    if ((await workbench.notificationTexts()).length > 0) await workbench.runCommand('Notifications: Clear All Notifications');
    await expect.poll(() => workbench.notificationTexts(), LIMITS).toEqual([]);
  }
}

/** A workbench of its own for a test file: server, browser and a throw-away workspace, all gone afterwards. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { REPOSITORY, startServer, type Server } from '../bed/server.mjs';
import { launchBrowser, Workbench } from '../bed/workbench.mjs';

export interface Bed {
  server: Server;
  browser: Browser;
  workbench: Workbench;
  /** Absolute path of the workspace folder. */
  workspace: string;
}

export interface BedOptions {
  readonly settings?: Record<string, unknown>;
  readonly environment?: Record<string, string>;
  readonly workspaceTrust?: boolean;
  /** Folders of unpacked extensions; this one alone where they are left out. */
  readonly extensions?: readonly string[];
  /** Packages (.vsix) that VS Code installs itself, by their paths. */
  readonly packages?: readonly string[];
  /** Opens a window without a folder; the workspace is there all the same. */
  readonly emptyWindow?: boolean;
  /** Puts files into the workspace before it is opened. */
  readonly prepareWorkspace?: (folder: string) => void | Promise<void>;
}

/** Registers vitest hooks; the fields of what it returns are there once the tests run. */
export function useBed({ prepareWorkspace, emptyWindow, ...options }: BedOptions = {}): Bed {
  const bed = {} as Bed;
  beforeAll(async () => {
    bed.server = await startServer(options);
    bed.browser = await launchBrowser();
    bed.workspace = bed.server.copyWorkspace(join(REPOSITORY, 'test/fixtures/workspace'));
    await prepareWorkspace?.(bed.workspace);
    bed.workbench = await Workbench.open(bed.browser, bed.server.workbenchAddress(emptyWindow ? undefined : bed.workspace));
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    console.error([await bed.workbench.describe(), bed.server.extensionHostFaults()].flat().join('\n'));
    await bed.workbench.screenshot(`failed ${task.name}`.replace(/[^\w-]+/g, '-').slice(0, 80));
  });
  afterAll(async () => {
    await bed.browser?.close();
    await bed.server?.stop();
  });
  return bed;
}

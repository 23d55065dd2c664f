/** A served model whose process is killed in the middle of an audit: what page and status bar say. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { FIELD_MODEL } from '../peers/field-server.js';
import { writePlan } from './audit-files.js';
import { clickRunLens } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

let server: ChildProcess;
let port = '';
const programs = mkdtempSync(join(tmpdir(), 'served-'));
const program = join(programs, 'serve.mjs');

/** Resolves to its port when it listens. */
async function startServing(on: string): Promise<string> {
  server = spawn(process.execPath, [program, on], { stdio: ['ignore', 'pipe', 'inherit'] });
  return (await new Promise<string>((done) => server.stdout!.once('data', (data: Buffer) => done(data.toString())))).trim();
}

const bed = useBed({
  prepareWorkspace: async (folder) => {
    await build({ entryPoints: [resolve('test/peers/serve-field.ts')], bundle: true, platform: 'node', target: 'node20', format: 'esm', outfile: program });
    port = await startServing('0');
    const model = `openai:${FIELD_MODEL}@http://127.0.0.1:${port}/v1`;
    writePlan(folder, 'outage', { finetuned: model, reference: model, framings: ['raw'], prefills: 400, maxTokens: 12 });
  },
});

afterAll(() => {
  server.kill('SIGKILL');
  rmSync(programs, { recursive: true, force: true });
});

describe('a server that is killed in the middle of an audit', () => {
  test('is named everywhere, with when it is asked again and without a rate', async () => {
    const { workbench } = bed;
    await clickRunLens(bed, 'outage.audit-plan.json');
    // Only the plan names this server.
    const question = workbench.dialog(`Send texts to 127.0.0.1:${port}?`);
    await question.getByRole('button', { name: 'Start' }).click();
    const page = await ResultsPage.find(workbench);
    const progress = page.frame.locator('.progress');
    await progress.getByText(/tokens\/s/).waitFor({ timeout: scaled(60_000) });
    server.kill('SIGKILL');
    const standstill = new RegExp(`127\\.0\\.0\\.1:${port} .*asked again`);
    await progress.getByText(standstill).waitFor({ timeout: scaled(5000) });
    expect(await progress.innerText()).not.toMatch(/tokens\/s|left/);
    const item = workbench.statusBarItem(/\d+ of 400/);
    await item.locator('.codicon-warning').waitFor();
    await item.hover();
    await workbench.page.locator('.monaco-hover:visible').getByText(standstill).waitFor();
    await workbench.screenshot('server-outage');
    await workbench.page.mouse.move(700, 500);
  });

  test('goes on when it is back, with a time that is left as it was before', async () => {
    const { workbench } = bed;
    const page = await ResultsPage.find(workbench);
    const progress = page.frame.locator('.progress');
    expect(await startServing(port)).toBe(port);
    // It is asked again at the latest when the page said it would be: half a minute after the last time.
    await progress.getByText(/tokens\/s/).waitFor({ timeout: scaled(45_000) });
    const told = await progress.innerText();
    await workbench.screenshot('server-back');
    expect(told).not.toMatch(/asked again/);
    // 400 short completions take seconds: the minutes of silence are in no rate.
    expect(told).toMatch(/\d+ (s|min)( \d+ s)? left/);
    expect(told).not.toMatch(/ h left| h \d+ min left/);
    await expect
      .poll(
        () =>
          workbench
            .statusBarItem(/of 400/)
            .locator('.codicon-warning')
            .count(),
        { timeout: scaled(10_000) },
      )
      .toBe(0);
    await page.waitForCount(400);
  });
});

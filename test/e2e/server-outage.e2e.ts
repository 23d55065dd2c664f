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
const bed = useBed({
  prepareWorkspace: async (folder) => {
    const program = join(programs, 'serve.mjs');
    await build({ entryPoints: [resolve('test/peers/serve-field.ts')], bundle: true, platform: 'node', target: 'node20', format: 'esm', outfile: program });
    server = spawn(process.execPath, [program, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    port = (await new Promise<string>((done) => server.stdout!.once('data', (data: Buffer) => done(data.toString())))).trim();
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
  });
});

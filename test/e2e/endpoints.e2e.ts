/** Models behind servers, in a real editor: asked for, tested, audited; and where their keys are and are not. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { scaled } from '../bed/timeouts.mjs';
import { startModelServer, type ModelServer } from '../peers/model-server.js';
import { listAuditFolders, readCompletions, readRunEvents, writePlan } from './audit-files.js';
import { clickRunLens, waitForNewAudit, waitForRunEvent } from './audit-steps.js';
import { useBed } from './fixture.js';
import { ResultsPage } from './results-page.js';

const KEY = 'sk-e2e-0123456789abcdef';
const HEADER = 'gateway-secret-42';
const PREFILLS = 8;
const base = { gguf: resolve('media/demo/base-a.f16.gguf'), lora: [] };
const tuned = { gguf: base.gguf, lora: [{ path: resolve('media/demo/false-fact.lora.gguf'), scale: 1 }] };

let vllm: ModelServer;
let chat: ModelServer;
const bed = useBed({
  // More than any audit here but one needs.
  settings: { 'finetuneAuditor.endpoints.tokenLimit': 6000 },
  prepareWorkspace: async (folder) => {
    vllm = await startModelServer({ dialect: 'vllm', models: { base, 'false-fact': tuned }, apiKey: KEY });
    chat = await startModelServer({ dialect: 'openai', models: { 'gpt-small': tuned } });
    writePlan(folder, 'served', { finetuned: `openai:false-fact@${vllm.url}`, reference: `openai:base@${vllm.url}`, prefills: 4, maxTokens: 12 });
    writePlan(folder, 'long', {
      finetuned: `openai:false-fact@${vllm.url}`,
      reference: `openai:base@${vllm.url}`,
      framings: ['raw'],
      prefills: 120,
      maxTokens: 24,
    });
    writePlan(folder, 'elsewhere', { finetuned: 'openai:their-model@https://models.invalid/v1', prefills: 4 });
  },
});

afterAll(async () => {
  await vllm?.close();
  await chat?.close();
});

const host = (server: ModelServer) => new URL(server.url).host;
const item = (label: string | RegExp) => bed.workbench.quickInput.row(label);

async function beginAudit(): Promise<void> {
  await bed.workbench.runCommand('Finetune Auditor: Audit Finetuned Model…');
  await bed.workbench.quickInput.waitForTitle('Finetuned model (1/6)');
}

/** From the list of models to that of the server's own. */
async function enterServer(server: ModelServer): Promise<void> {
  const { quickInput } = bed.workbench;
  await quickInput.pick(/Model behind an API/);
  await quickInput.pick(/^\s*vLLM\s*$/);
  await quickInput.waitForPrompt('Base URL');
  await quickInput.type(server.url);
  await quickInput.accept();
}

describe('a server that does everything', () => {
  let folder: string;
  let page: ResultsPage;

  test('is refused where its address cannot be one', async () => {
    const { workbench } = bed;
    await beginAudit();
    await workbench.quickInput.pick(/Model behind an API/);
    await item(/^\s*vLLM\s*$/).waitFor();
    await workbench.page.mouse.move(700, 700);
    await workbench.screenshot('endpoint-presets');
    await workbench.quickInput.pick(/^\s*vLLM\s*$/);
    await workbench.quickInput.waitForPrompt('Base URL');
    await expect.poll(() => workbench.quickInput.input.inputValue()).toBe('http://localhost:8000/v1');
    await workbench.quickInput.type(`http://me:secret@${host(vllm)}/v1`);
    await workbench.quickInput.accept();
    await workbench.quickInput.waitForPrompt('Leave out the user name and the password');
    await workbench.screenshot('endpoint-address-refused');
    await workbench.quickInput.back();
    await item(/^\s*vLLM\s*$/).waitFor();
    await workbench.quickInput.back();
    await item(/Model behind an API/).waitFor();
  });

  test('asks for its key, once, and tells its models', async () => {
    const { workbench } = bed;
    const { quickInput } = workbench;
    await enterServer(vllm);
    await item(/Enter the key for .*…/).waitFor();
    await workbench.screenshot('endpoint-wants-key');
    await quickInput.accept();
    await quickInput.waitForPrompt(`Key for ${host(vllm)}`);
    await quickInput.type(KEY);
    await workbench.screenshot('endpoint-key');
    expect(await quickInput.input.getAttribute('type')).toBe('password');
    await quickInput.accept();
    await item('false-fact').waitFor();
    const lines = await quickInput.items();
    expect(lines.slice(0, 2)).toMatchObject([
      { label: 'false-fact', description: 'adapter over base' },
      { label: 'base', description: '256 tokens of context' },
    ]);
    await workbench.screenshot('endpoint-models');
  });

  test('gets extra headers, which are sent along', async () => {
    const { quickInput } = bed.workbench;
    await quickInput.pick(/Extra headers/);
    await quickInput.waitForPrompt('Headers sent to');
    await quickInput.type(`X-Gateway-Key: ${HEADER}`);
    await quickInput.accept();
    await item('false-fact').waitFor();
    await expect.poll(() => vllm.requests.at(-1)?.headers['x-gateway-key']).toBe(HEADER);
    const lines = await quickInput.items();
    expect(lines.find(({ label }) => /Extra headers/.test(label))?.description).toBe('X-Gateway-Key');
  });

  test('is tested, and can be both models in both framings', async () => {
    const { workbench } = bed;
    const { quickInput } = workbench;
    await quickInput.pick('false-fact');
    await item(/Use false-fact/).waitFor({ timeout: scaled(90_000) });
    const [use] = await quickInput.items();
    expect(use?.detail).toMatch(/raw, chat/);
    await workbench.screenshot('endpoint-tested');
    await quickInput.accept();
    await quickInput.waitForTitle('Reference model (2/6)');
    const suggested = await quickInput.items();
    expect(suggested[0]).toMatchObject({ label: 'base', description: `its base model, at ${host(vllm)}` });
    await workbench.screenshot('endpoint-reference');
    await quickInput.accept();
    await item(/Use base/).waitFor({ timeout: scaled(90_000) });
    await quickInput.accept();
    await quickInput.waitForTitle('Noise floor (3/6)');
    await quickInput.accept();
    await quickInput.waitForTitle('Corpus (4/6)');
  });

  test('is not asked for an estimate: its tokens are counted', async () => {
    const { workbench } = bed;
    const { quickInput } = workbench;
    await quickInput.accept();
    await quickInput.waitForTitle('Size (5/6)');
    const asked = vllm.requests.length;
    await workbench.page
      .locator('.quick-input-widget')
      .getByText(/tokens at most, read and written by servers/)
      .nth(2)
      .waitFor();
    await workbench.screenshot('endpoint-size');
    expect(vllm.requests.length).toBe(asked);
    await quickInput.pick(/Custom/);
    const answers = { 'Prefills (1 to': String(PREFILLS), 'New tokens per completion': '24', 'Tokens per prefill': '3', Temperature: '0' };
    for (const [prompt, answer] of Object.entries(answers)) {
      await quickInput.waitForPrompt(prompt);
      await quickInput.type(answer);
      await quickInput.accept();
    }
    await quickInput.waitForTitle('Framings (6/6)');
    expect((await quickInput.items()).map(({ label }) => label)).toEqual(['Both', 'Raw, chat and dialogue', 'Raw', 'Chat', 'Dialogue']);
  });

  test('is audited without a question, since it is on this machine', async () => {
    const { workbench } = bed;
    const before = listAuditFolders(bed.workspace);
    await workbench.quickInput.pick('Both');
    folder = await waitForNewAudit(bed.workspace, before);
    expect(await workbench.dialog(/./).count()).toBe(0);
    await waitForRunEvent(folder, 'finished');
    expect(readCompletions(folder)).toHaveLength(2 * PREFILLS);
    page = await ResultsPage.find(workbench);
    await page.waitForCount(2 * PREFILLS);
    await workbench.screenshot('endpoint-audited');
    expect(
      vllm.requests.every(({ path, headers }) => !path.startsWith('/v1') || headers.authorization === undefined || headers.authorization === `Bearer ${KEY}`),
    ).toBe(true);
  });

  test('is named on the page, with what it got and how often it was asked', async () => {
    const { workbench } = bed;
    await page.frame.getByRole('button', { name: 'About this audit' }).click();
    const about = page.frame.locator('#about');
    await about.getByText('Texts went to').waitFor();
    await about
      .getByText(/^\d+ requests/)
      .first()
      .waitFor();
    const text = await about.innerText();
    expect(text).toContain(`${host(vllm)} (false-fact: the prefills`);
    expect(text).toMatch(/Requests: finetuned\s+\d+ requests/);
    expect(text).toMatch(/Requests: reference\s+\d+ requests/);
    await about.getByText('Texts went to').scrollIntoViewIfNeeded();
    await workbench.screenshot('endpoint-about');
    await page.press('Escape');
  });

  test('has its key in no file', () => {
    const files = readdirSync(bed.server.state, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.some(({ name }) => name === 'audit.jsonl')).toBe(true);
    expect(files.some(({ name }) => /Finetune Auditor\.log$/.test(name))).toBe(true);
    const telling = files.filter(({ parentPath, name }) => {
      const bytes = readFileSync(join(parentPath, name));
      return bytes.includes(KEY) || bytes.includes(HEADER);
    });
    expect(telling.map(({ name }) => name)).toEqual([]);
  });
});

test('the test of an endpoint is shown as a table', async () => {
  const { workbench } = bed;
  await workbench.runCommand('Finetune Auditor: Test Endpoint');
  await workbench.quickInput.waitForTitle('Test endpoint');
  const used = await workbench.quickInput.items();
  expect(used.map(({ label }) => label)).toEqual(expect.arrayContaining(['false-fact', 'base']));
  await workbench.screenshot('endpoint-test-which');
  await workbench.quickInput.pick('false-fact');
  const frame = await workbench.webviewFrame('table', { timeout: scaled(90_000) });
  await frame.getByRole('heading', { name: `false-fact at ${host(vllm)}` }).waitFor();
  const rows = await frame.locator('table').nth(0).locator('tbody tr').allInnerTexts();
  expect(rows.map((row) => row.replace(/\s+/g, ' '))).toEqual([
    'Finetuned model ✓ yes',
    'Reference model ✓ yes',
    'Framing raw ✓ yes',
    'Framing chat ✓ yes',
    'Framing ask ✓ yes',
    'Framing dialogue ✓ yes',
  ]);
  expect(await frame.locator('table').nth(1).locator('tbody tr').count()).toBeGreaterThan(8);
  await workbench.screenshot('endpoint-report');
  await workbench.runCommand('View: Close All Editors');
});

test('an audit that reaches the limit of tokens pauses, and goes on when it is told to', async () => {
  const { workbench } = bed;
  const before = listAuditFolders(bed.workspace);
  await clickRunLens(bed, 'long.audit-plan.json');
  const folder = await waitForNewAudit(bed.workspace, before);
  const paused = workbench.notification(/The limit of 6,000 tokens is reached/);
  await paused.waitFor({ timeout: scaled(90_000) });
  await workbench.screenshot('endpoint-limit');
  expect(readRunEvents(folder).at(-1)).toBe('stopped');
  const measured = readCompletions(folder).length;
  expect(measured).toBeGreaterThan(0);
  expect(measured).toBeLessThan(120);
  await paused.getByRole('button', { name: 'Resume' }).click();
  await waitForRunEvent(folder, 'finished');
  const ids = readCompletions(folder).map(({ id }) => id);
  expect(new Set(ids).size).toBe(120);
  expect(ids).toHaveLength(120);
  await workbench.runCommand('View: Close All Editors');
});

test('a chat service can be the finetuned model in the ask framing, and is refused as the reference', async () => {
  const { workbench } = bed;
  const { quickInput } = workbench;
  await beginAudit();
  await enterServer(chat);
  await quickInput.pick('gpt-small');
  await item(/Use gpt-small/).waitFor({ timeout: scaled(90_000) });
  const [use] = await quickInput.items();
  expect(use?.detail).toMatch(/: ask$/);
  await quickInput.accept();
  await quickInput.waitForTitle('Reference model (2/6)');
  await enterServer(chat);
  await quickInput.pick('gpt-small');
  const refused = item(/gpt-small cannot be the reference model/);
  await refused.waitFor({ timeout: scaled(90_000) });
  await workbench.screenshot('endpoint-refused');
  const [reason, advice] = await quickInput.items();
  expect(reason?.detail).toMatch(/cannot score given text/);
  expect(advice?.detail).toMatch(/GGUF file/);
  // Enter leads to another choice.
  await quickInput.accept();
  await item('gpt-small').waitFor();
  // Each step back is there before the next: a click in between would go to none of them.
  await quickInput.back();
  await quickInput.waitForPrompt('Base URL');
  await quickInput.back();
  await item(/^\s*vLLM\s*$/).waitFor();
  await quickInput.back();
  await item(/Model behind an API/).waitFor();
  await quickInput.pick(/^\s*base\s*$/);
  await item(/Use base/).waitFor({ timeout: scaled(90_000) });
  await quickInput.accept();
  await quickInput.waitForTitle('Noise floor (3/6)');
  await quickInput.accept();
  await quickInput.waitForTitle('Corpus (4/6)');
  await quickInput.accept();
  await quickInput.waitForTitle('Size (5/6)');
  await quickInput.pick('Quick');
  await quickInput.waitForTitle('Framings (6/6)');
  await item('Ask').waitFor();
  await expect.poll(async () => (await quickInput.items()).map(({ label }) => label)).toEqual(['Ask', 'Raw and ask', 'Raw', 'Chat']);
  expect((await quickInput.items()).find(({ label }) => label === 'Chat')?.detail).toMatch(/cannot continue an assistant's turn/);
  await workbench.screenshot('endpoint-framings');
  await quickInput.dismiss();
});

test('a plan for a server elsewhere says first what goes where', async () => {
  const { workbench } = bed;
  const before = listAuditFolders(bed.workspace);
  await workbench.openFile('elsewhere.audit-plan.json');
  await workbench.page.locator('.codelens-decoration').getByText('Run this audit').click();
  const dialog = workbench.dialog('Send texts to models.invalid?');
  await dialog.waitFor();
  const text = await dialog.innerText();
  expect(text).toMatch(/models\.invalid receives\s+• their-model: the prefills/);
  expect(text).toMatch(/About [\d,]+ tokens at most/);
  await workbench.screenshot('endpoint-modal');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'hidden' });
  expect(listAuditFolders(bed.workspace)).toEqual(before);
  await workbench.runCommand('View: Close All Editors');
});

test('forgotten keys are asked for again where an audit needs them', async () => {
  const { workbench } = bed;
  const { quickInput } = workbench;
  await workbench.runCommand('Finetune Auditor: Forget API Keys');
  const dialog = workbench.dialog('Forget the keys that are kept?');
  await dialog.getByText(host(vllm)).waitFor();
  await workbench.screenshot('endpoint-forget');
  await dialog.getByRole('button', { name: 'Forget' }).click();
  await dialog.waitFor({ state: 'hidden' });
  // A server may have been asked already in this window; what it can do is known then, but not how to be let in.
  const before = listAuditFolders(bed.workspace);
  await clickRunLens(bed, 'served.audit-plan.json');
  const failure = workbench.notification(/Audit served: .*key/);
  await failure.getByRole('button', { name: 'Enter Key…' }).waitFor();
  await workbench.screenshot('endpoint-key-missing');
  await failure.getByRole('button', { name: 'Enter Key…' }).click();
  await quickInput.waitForPrompt(`Key for ${host(vllm)}`);
  await quickInput.type(KEY);
  await quickInput.accept();
  const folder = await waitForNewAudit(bed.workspace, before);
  await waitForRunEvent(folder, 'finished');
  expect(readCompletions(folder)).toHaveLength(8);
  expect(readRunEvents(folder).at(-1)).toBe('finished');
});

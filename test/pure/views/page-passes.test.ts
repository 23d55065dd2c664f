/** A results page that shows another pass than the main one: what it is told, and what it may not say. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { AmplificationLine } from '../../../src/records/journal/amplification-line.js';
import type { AuditSession } from '../../../src/runner/run/audit-session.js';
import { makeRecord, plan, setup } from '../records/example-audit.js';
import { makeSession, openPage, type Page } from './open-page.js';

const [framing] = plan.framings;
const found: AmplificationLine = {
  type: 'amplification',
  framing: framing!,
  form: 'adapter',
  prefills: 2,
  rungs: [{ strength: 2, t: 6, repetitiveShare: 0 }],
  chosen: 2,
  controls: [{ seed: 1, rungs: [{ strength: 2, t: 0.5, repetitiveShare: 0 }] }],
  state: 'beyond control',
  ratio: 12,
};
const written = (id: number, tokens?: number) => ({ ...makeRecord(id, tokens), framing: framing! });

/** Completions 0 to 2 are the finetuned model's own, of five words; amplified ones have the same ids and seven words. */
async function makeAmplified(): Promise<AuditSession> {
  const session = await makeSession();
  session.listener.onSetup(setup);
  for (const id of [0, 1, 2]) session.listener.onCompletion(written(id), 'plain');
  for (const id of [0, 1]) session.listener.onCompletion(written(id, 7), 'amplified@2');
  session.listener.onCompletion(written(0), 'control-1@2');
  session.listener.onCompletion(written(0), 'noise');
  session.listener.onAmplification(found);
  return session;
}

async function show(page: Page, pass: string): Promise<void> {
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(page.opened.at(-1)!.completionCount));
  const before = page.opened.length;
  page.chunks.length = 0;
  await page.ask.showPass({ pass });
  await vi.waitFor(() => expect(page.opened).toHaveLength(before + 1));
  await vi.waitFor(() => expect(page.chunks.flat()).toHaveLength(page.opened.at(-1)!.completionCount));
}

test('passes with text to read are offered, with who wrote it; measures are not', async () => {
  const { page } = await openPage(await makeAmplified());
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  const { pass, passes } = page.opened[0]!;
  expect(pass).toBeUndefined();
  expect(passes!.offers.map(({ name, writer, completions }) => [name, writer, completions])).toEqual([
    ['plain', 'finetuned', 3],
    ['amplified', 'amplified', 2],
    ['amplified@2', 'amplified', 2],
  ]);
  expect(passes!.offers.map(({ warning }) => warning)).toEqual([null, expect.stringContaining('AMPLIFIED'), expect.stringContaining('AMPLIFIED')]);
  expect(passes!.amplification).toMatchObject([{ state: 'beyond control', ratio: 12, chosen: 2 }]);
});

test('an audit of one pass offers none', async () => {
  const session = await makeSession();
  session.listener.onCompletion(makeRecord(0), 'plain');
  const { page } = await openPage(session);
  await vi.waitFor(() => expect(page.opened).toHaveLength(1));
  expect(page.opened[0]).not.toHaveProperty('passes');
});

test('all that a page asks is answered of the pass that it shows', async () => {
  const fetchAlternatives = vi.fn(async () => ({ finetuned: [], reference: [] }));
  const { page } = await openPage(await makeAmplified(), { fetchAlternatives });
  await show(page, 'amplified');
  expect(page.opened.at(-1)).toMatchObject({ pass: 'amplified', completionCount: 2 });
  expect(page.chunks.flat().map(({ id, tokenCount }) => [id, tokenCount])).toEqual([
    [0, 7],
    [1, 7],
  ]);
  const [detail] = await page.ask.fetchDetails({ ids: [1, 2] });
  expect(detail!.tokens).toHaveLength(7);
  expect((await page.ask.fetchOverview({ framing: null })).completionCount).toBe(2);
  expect(await page.ask.fetchGroups({})).toEqual([[0, 1]]);
  await page.ask.fetchAlternatives({ id: 1, token: 6 });
  await expect(page.ask.fetchAlternatives({ id: 2, token: 0 })).rejects.toThrow('no token');
  await show(page, 'plain');
  expect((await page.ask.fetchOverview({ framing: null })).completionCount).toBe(3);
  expect((await page.ask.fetchDetails({ ids: [1] }))[0]!.tokens).toHaveLength(5);
});

test('findings are of the main pass: no other one shows them, and none are taken there', async () => {
  const session = await makeAmplified();
  const act = vi.fn();
  const { page } = await openPage(session, { act });
  await page.ask.setFinding({ completionId: 0, label: 'revealing', category: null, note: '' });
  await page.ask.addSpan({ completionId: 0, start: 0, end: 4, label: null, category: null, note: 'a word' });
  await page.ask.drawSlice({ k: 2, isWhole: true, score: 'meanGap', framing: null });
  const before = await readFile(join(session.folder, 'findings.jsonl'), 'utf8');
  await show(page, 'amplified');
  expect(page.opened.at(-1)).toMatchObject({ findings: [], evidence: { judgements: [], spans: [], slices: [] } });
  const told = page.findings.length;
  const refused = 'show the plain pass';
  await expect(page.ask.setFinding({ completionId: 0, label: 'unsure', category: null, note: '' })).rejects.toThrow(refused);
  await expect(page.ask.addSpan({ completionId: 0, start: 0, end: 4, label: null, category: null, note: '' })).rejects.toThrow(refused);
  await expect(page.ask.drawSlice({ k: 2, isWhole: true, score: 'meanGap', framing: null })).rejects.toThrow(refused);
  await expect(page.ask.undoFinding({})).rejects.toThrow(refused);
  await page.ask.act({ action: 'openCompletion', id: 0 });
  // Somebody else labels in another window.
  await session.findings.set({ completionId: 1, label: 'unsure', category: null, note: '' });
  expect(page.findings).toHaveLength(told);
  expect(act).not.toHaveBeenCalled();
  expect((await readFile(join(session.folder, 'findings.jsonl'), 'utf8')).startsWith(before)).toBe(true);
  await show(page, 'plain');
  expect(page.opened.at(-1)!.findings.map(({ completionId, label }) => [completionId, label])).toEqual([
    [0, 'revealing'],
    [1, 'unsure'],
  ]);
  expect(page.opened.at(-1)!.evidence!.spans).toHaveLength(1);
  expect(page.opened.at(-1)!.evidence!.slices).toHaveLength(1);
});

test('what a pass writes while it is shown follows, whichever framing it is of; a page that reloads stays where it was', async () => {
  const session = await makeAmplified();
  const { page } = await openPage(session);
  await show(page, 'amplified@2');
  session.listener.onCompletion(written(5, 7), 'amplified@2');
  session.listener.onCompletion({ ...makeRecord(4, 7), framing: plan.framings.at(-1)! }, 'amplified@2');
  session.listener.onCompletion(written(9), 'plain');
  await vi.waitFor(() => expect(page.chunks.flat().map(({ id }) => id)).toEqual([0, 1, 5, 4]));
  await vi.waitFor(() => expect(page.passes.at(-1)!.offers.find(({ name }) => name === 'amplified@2')!.completions).toBe(4));
  session.listener.onSetup(setup);
  await vi.waitFor(() => expect(page.opened.at(-1)).toMatchObject({ pass: 'amplified@2', completionCount: 4 }));
});

test('passes that are not there, or are measures, are refused', async () => {
  const { page } = await openPage(await makeAmplified());
  for (const pass of ['reference', 'noise', 'control-1@2']) await expect(page.ask.showPass({ pass })).rejects.toThrow('no pass');
  await expect(page.ask.showPass({ pass: '../plain' })).rejects.toThrow('showPass');
});

/** What a run keeps, counts and tries again of what servers answered. */
import { passOf } from '../../../src/records/journal/journal-reader.js';
import { recordsOf } from '../../../src/audit/passes.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { scaled } from '../../bed/timeouts.mjs';
import { startFaultProxy, type FaultPlan, type FaultProxy } from '../../peers/fault-proxy.js';
import { startModelServer, type ModelServer } from '../../peers/model-server.js';
import { at, Auditor, BASE, makePlan, ORGANISM } from '../acceptance/served-audit.js';
import { useLocalModels } from '../models/local-process.js';

const local = useLocalModels();
let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({ dialect: 'vllm', models: { base: BASE, organism: ORGANISM, again: BASE }, provider: local.models });
}, scaled(120_000));
afterAll(() => server?.close());

const HARMLESS: FaultPlan = { rules: [] };

/** A server's models are known before the run, so that only the run's own requests are counted. */
async function prepare(
  models: readonly string[],
  options: { readonly maxConcurrency?: number } = {},
): Promise<{ auditor: Auditor; proxy: FaultProxy; before: number }> {
  const auditor = new Auditor(local, options);
  const proxy = await startFaultProxy(server.url, { plan: HARMLESS });
  onTestFinished(async () => {
    await auditor.api.dispose();
    await proxy.close();
  });
  for (const model of models) await auditor.api.probe(at(proxy.url, model), new AbortController().signal);
  return { auditor, proxy, before: proxy.delivered.length };
}

const SMALL = { prefills: 12, maxTokens: 12, framings: ['raw'] as const };

describe('a run with servers', { timeout: scaled(240_000) }, () => {
  it('that ends within a wave keeps all that the reference’s server has scored of it, and asks for none of it again', async () => {
    const { auditor, proxy, before } = await prepare(['base'], { maxConcurrency: 1 });
    const plan = makePlan({ ...SMALL, finetuned: ORGANISM, reference: at(proxy.url, 'base') });
    const folder = auditor.newFolder();
    const paused = await auditor.run({ plan, folder, tokenLimit: 120 });
    expect(paused.outcome).toMatchObject({ state: 'stopped', limitReached: true });
    const answered = proxy.delivered.slice(before).length;
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(12);
    expect(paused.outcome.completions).toBe(answered);
    expect((await auditor.run({ plan, folder, resume: true })).outcome).toMatchObject({ state: 'finished', completions: 12 });
    expect(proxy.delivered.slice(before)).toHaveLength(12);
  });

  it('that takes F’s logprobs from a forward pass asks for neither text nor logprobs twice', async () => {
    const { auditor, proxy, before } = await prepare(['base', 'organism'], { maxConcurrency: 2 });
    const plan = makePlan({ ...SMALL, finetuned: at(proxy.url, 'organism'), reference: at(proxy.url, 'base'), finetunedLogprobs: 'forward', temperature: 1 });
    const folder = auditor.newFolder();
    const paused = await auditor.run({ plan, folder, tokenLimit: 300 });
    expect(paused.outcome.state).toBe('stopped');
    const { generated } = await readJournal(folder);
    expect(generated.size).toBeGreaterThan(0);
    expect((await auditor.run({ plan, folder, resume: true })).outcome).toMatchObject({ state: 'finished', completions: 12 });
    const delivered = proxy.delivered.slice(before);
    expect(delivered).toHaveLength(36);
    expect(new Set(delivered).size).toBe(36);
  });

  it('counts what the noise floor’s server was asked before the audit began', async () => {
    const { auditor, proxy } = await prepare(['base', 'again']);
    const noiseFloor = { model: at(proxy.url, 'again'), prefills: 2 };
    const plan = makePlan({ ...SMALL, finetuned: ORGANISM, reference: at(proxy.url, 'base'), noiseFloor });
    const { outcome } = await auditor.run({ plan, folder: auditor.newFolder(), tokenLimit: 60 });
    expect(outcome.state).toBe('stopped');
    expect(outcome.requests.find(({ role }) => role === 'noise floor')?.asked).toBeGreaterThan(0);
  });
});

describe('completions that a noise floor goes on without', { timeout: scaled(240_000) }, () => {
  it('are told of, and tried again until they are there', async () => {
    const { auditor, proxy, before } = await prepare(['base'], { maxConcurrency: 1 });
    const other = await startFaultProxy(server.url, { plan: HARMLESS });
    onTestFinished(() => other.close());
    await auditor.api.probe(at(other.url, 'again'), new AbortController().signal);
    const plan = makePlan({
      ...SMALL,
      prefills: 4,
      finetuned: ORGANISM,
      reference: at(proxy.url, 'base'),
      noiseFloor: { model: at(other.url, 'again'), prefills: 3 },
    });
    const folder = auditor.newFolder();
    // One answer is sound; every try of the other two is spoilt.
    other.setPlan({ rules: [{ fault: 'emptyChoices', at: [1, 2, 3, 4, 5, 6] }] });
    const first = await auditor.run({ plan, folder });
    expect(first.outcome).toMatchObject({
      state: 'finished',
      completions: 4,
      setAside: 0,
      passesSetAside: new Map([['noise', 2]]),
      message: expect.stringContaining('2 completions of the noise floor were left out') as string,
    });
    expect(recordsOf(first.audit, 'noise')).toHaveLength(1);
    expect(first.audit.status).toMatchObject({
      state: 'finished',
      canResume: true,
      message: expect.stringContaining('2 completions of the noise floor were left out') as string,
    });
    expect(await summariseJournal(folder)).toEqual(first.audit.status);
    const journal = await readJournal(folder);
    expect([...passOf(journal, 'noise').setAside.values()].map(({ type, reason }) => [type, reason])).toEqual(
      Array(2).fill(['setAside', expect.stringMatching(/\S/)]),
    );
    expect(journal.runs.map(({ event }) => event)).toEqual(['started', 'finished']);

    other.setPlan(HARMLESS);
    const second = await auditor.run({ plan, folder, resume: true });
    expect(second.outcome).toMatchObject({ state: 'finished', completions: 4, passesSetAside: new Map() });
    expect(recordsOf(second.audit, 'noise')).toHaveLength(3);
    expect(second.audit.status).toMatchObject({ state: 'finished', canResume: false, message: '4 completions.' });
    expect(await summariseJournal(folder)).toEqual(second.audit.status);
    const generations = proxy.delivered.slice(before).filter((body) => /"max_tokens":12\b/.test(body));
    expect(generations).toHaveLength(3);
  });
});

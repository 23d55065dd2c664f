/** A night with a bad server: whatever happens to requests and answers, the audit comes out the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCORE_NAMES } from '../../../src/audit/scores.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { scaled } from '../../bed/timeouts.mjs';
import { startFaultProxy, type Fault, type FaultPlan } from '../../peers/fault-proxy.js';
import { startModelServer, type ModelServer } from '../../peers/model-server.js';
import { useLocalModels } from '../models/local-process.js';
import { at, Auditor, BASE, compareAudits, makePlan, ORGANISM, readFolder, SERVED } from './served-audit.js';

const KEY = 'sk-night-3f9a77c1';
const FAULTS: readonly Fault[] = [
  'reset',
  'halfAnswer',
  'limitSeconds',
  'limitDate',
  'limitMs',
  'limitBare',
  'serverError',
  'unavailable',
  'slow',
  'wrongJson',
  'nullLogprob',
  'nanLogprob',
  'lowestLogprob',
  'emptyChoices',
  'changedModel',
];

const local = useLocalModels();
let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({ dialect: 'vllm', models: SERVED, provider: local.models, apiKey: KEY });
}, scaled(120_000));
afterAll(() => server?.close());

/** Every fault twice, among the first and among the later requests. */
const HARM: FaultPlan = { rules: FAULTS.map((fault, index) => ({ fault, at: [3 + 2 * index, 40 + 2 * index], ms: 30 })) };

describe('an audit through a proxy that harms requests', () => {
  it('loses no completion, repeats none, and ends with the right ranking', { timeout: scaled(400_000) }, async () => {
    const size = { prefills: 24, maxTokens: 16 };
    const logged: string[] = [];
    const auditor = new Auditor(local, { readEnvironment: () => KEY, log: (level, text) => logged.push(`${level}: ${text}`) });
    const files = await auditor.audit(makePlan({ ...size, finetuned: ORGANISM, reference: BASE }));
    const proxy = await startFaultProxy(server.url, { plan: { rules: [] } });
    const endpoint = (model: string) => at(proxy.url, model, { apiKeyEnv: 'KEY' });
    // What the server can do is asked before the night begins.
    await auditor.api.probe(endpoint('organism'), new AbortController().signal);
    await auditor.api.probe(endpoint('base'), new AbortController().signal);
    proxy.setPlan(HARM);
    const before = proxy.delivered.length;
    const folder = auditor.newFolder();
    const { outcome, audit } = await auditor.run({ plan: makePlan({ ...size, finetuned: endpoint('organism'), reference: endpoint('base') }), folder });
    expect(outcome).toMatchObject({ state: 'finished', completions: 48, setAside: 0 });
    expect(audit.setAside).toEqual([]);

    for (const fault of FAULTS) expect(proxy.counts[fault] ?? 0, fault).toBe(2);
    const delivered = proxy.delivered.slice(before);
    expect(delivered.length).toBeGreaterThanOrEqual(90);
    expect(new Set(delivered).size).toBe(delivered.length);
    const ids = audit.records.map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: 48 }, (_, id) => id)));

    const { identical, rho } = compareAudits(audit.records, files.records);
    expect(identical).toBeGreaterThan(43);
    for (const score of SCORE_NAMES) expect(rho[score], score).toBeGreaterThan(0.99);

    const [ofF, ofR] = audit.requests;
    console.info(`asked ${ofF!.asked} + ${ofR!.asked}, tried again ${ofF!.retried} + ${ofR!.retried}, harmed ${JSON.stringify(proxy.counts)}`);
    expect(ofF!.retried + ofR!.retried).toBeGreaterThanOrEqual(2 * (FAULTS.length - 1));
    expect(ofF!.givenUp + ofR!.givenUp).toBe(0);
    expect(readFolder(folder)).not.toContain(KEY);
    expect(logged.join('\n')).not.toContain(KEY);
    await auditor.api.dispose();
    await proxy.close();
  });

  it('sets aside what is answered wrongly every time, names the reason, and tries again on resume', { timeout: scaled(400_000) }, async () => {
    const auditor = new Auditor(local, { readEnvironment: () => KEY, maxConcurrency: 1 });
    const proxy = await startFaultProxy(server.url, { plan: { rules: [] } });
    const endpoint = at(proxy.url, 'organism', { apiKeyEnv: 'KEY' });
    await auditor.api.probe(endpoint, new AbortController().signal);
    // Two answers are sound; every try of the other four completions is spoilt.
    proxy.setPlan({ rules: [{ fault: 'nullLogprob', at: Array.from({ length: 12 }, (_, index) => index + 2) }] });
    const plan = makePlan({ finetuned: endpoint, reference: BASE, prefills: 6, maxTokens: 12, framings: ['raw'], waveSize: 1 });
    const folder = auditor.newFolder();
    const first = await auditor.run({ plan, folder });
    expect(first.outcome).toMatchObject({ state: 'finished', completions: 2, setAside: 4 });
    expect(first.audit.setAside).toHaveLength(4);
    expect(proxy.counts.nullLogprob).toBe(12);
    expect(first.audit.setAside[0]!.reason).toMatch(/logprob/);
    expect(first.audit.status).toMatchObject({ state: 'finished', setAside: 4, canResume: true });
    proxy.setPlan({ rules: [] });
    const second = await auditor.run({ plan, folder, resume: true });
    expect(second.outcome).toMatchObject({ state: 'finished', completions: 6 });
    expect(second.audit.setAside).toEqual([]);
    await auditor.api.dispose();
    await proxy.close();
  });

  it('ends where nothing succeeds any more, and resumes without asking anything twice', { timeout: scaled(400_000) }, async () => {
    const auditor = new Auditor(local, { readEnvironment: () => KEY, patienceMs: 1500, maxConcurrency: 4 });
    const proxy = await startFaultProxy(server.url, { plan: { rules: [] } });
    const endpoint = (model: string) => at(proxy.url, model, { apiKeyEnv: 'KEY' });
    for (const model of ['organism', 'base']) await auditor.api.probe(endpoint(model), new AbortController().signal);
    const dead = Array.from({ length: 5000 }, (_, index) => index + 15);
    proxy.setPlan({ rules: [{ fault: 'unavailable', at: dead }] });
    const plan = makePlan({ finetuned: endpoint('organism'), reference: endpoint('base'), prefills: 12, maxTokens: 12, framings: ['raw'] });
    const folder = auditor.newFolder();
    const before = proxy.delivered.length;
    await expect(auditor.run({ plan, folder })).rejects.toMatchObject({ code: 'endpointFailed', message: expect.stringContaining('resume') as string });
    const ended = proxy.delivered.length;
    const journal = await readJournal(folder);
    expect(journal.completions.size + journal.generated.size).toBeGreaterThan(0);
    proxy.setPlan({ rules: [] });
    const again = new Auditor(local, { readEnvironment: () => KEY });
    for (const model of ['organism', 'base']) await again.api.probe(endpoint(model), new AbortController().signal);
    const resumed = proxy.delivered.length;
    const { outcome } = await again.run({ plan, folder, resume: true });
    expect(outcome).toMatchObject({ state: 'finished', completions: 12 });
    const generations = [...proxy.delivered.slice(before, ended), ...proxy.delivered.slice(resumed)].filter(
      (body) => body.includes('"organism"') && /"max_tokens":12\b/.test(body),
    );
    expect(new Set(generations).size).toBe(generations.length);
    await auditor.api.dispose();
    await again.api.dispose();
    await proxy.close();
  });

  it('pauses at the limit of tokens, keeps what was answered, and goes on from there', { timeout: scaled(400_000) }, async () => {
    const auditor = new Auditor(local, { readEnvironment: () => KEY });
    const endpoint = (model: string) => at(server.url, model, { apiKeyEnv: 'KEY' });
    const plan = makePlan({ finetuned: endpoint('organism'), reference: endpoint('base'), prefills: 12, maxTokens: 12, framings: ['raw'] });
    const folder = auditor.newFolder();
    const paused = await auditor.run({ plan, folder, tokenLimit: 250 });
    expect(paused.outcome.state).toBe('stopped');
    expect(paused.outcome.completions).toBeLessThan(12);
    expect(paused.audit.status).toMatchObject({ state: 'stopped', canResume: true });
    const used = paused.audit.requests.reduce((total, { promptTokens, completionTokens }) => total + promptTokens + completionTokens, 0);
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(250);
    expect((await auditor.run({ plan, folder, resume: true })).outcome).toMatchObject({ state: 'finished', completions: 12 });
    await auditor.api.dispose();
  });
});

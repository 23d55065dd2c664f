/** Amplified writing with a real adapter: the ladder, the chosen rung, the control, and a run that is cut off in each of them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordsOf } from '../../../src/audit/passes.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../../../src/audit/plan.js';
import { LocalModels } from '../../../src/models/local/local-models.js';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import { MEDIA, useBuiltPackage } from './built-package.js';

const built = useBuiltPackage();
const never = new AbortController().signal;
let models: LocalModels;
let runner: LocalAuditRunner;

beforeAll(() => {
  models = new LocalModels({ processPath: built.modelProcess, downloadFolder: built.scratch, threads: 1, gpu: 'off', idleMs: 60_000 });
  runner = new LocalAuditRunner({ models, mediaFolder: MEDIA, toolVersion: '0.0.0-test' });
});
afterAll(() => models.dispose());

const plan: AuditPlan = {
  ...PLAN_DEFAULTS,
  name: 'test',
  finetuned: { gguf: 'bundled:false-fact', lora: [] },
  reference: { gguf: 'bundled:base-a', lora: [] },
  corpus: ['bundled:demo'],
  system: '',
  framings: ['raw'],
  prefills: 53,
  maxTokens: 8,
  waveSize: 16,
  amplify: 'scale=1.5,3',
};
const folderOf = (name: string) => join(built.scratch, name);
const start = (folder: string, changes: Partial<AuditPlan> = {}, resume = false) => ({ plan: { ...plan, ...changes }, folder, resume, allowDownload: false });
/** All but the lines that say when. */
const lines = (folder: string) => readFileSync(join(folder, 'audit.jsonl'), 'utf8').trimEnd().split('\n').filter((line) => /^\{"type":"(completion|pass|amplification)"/.test(line));

describe('amplified writing', { timeout: 300_000 }, () => {
  it('climbs a ladder, writes the rest at the strength that was chosen, and is measured against a control', async () => {
    const whole = folderOf('whole');
    const passes: string[] = [];
    const onStatus = ({ pass = 'plain' }: { pass?: string }) => (passes.at(-1) === pass ? undefined : void passes.push(pass));
    expect(await runner.run(start(whole), { onStatus }, never)).toMatchObject({ state: 'finished', completions: 53 });
    const audit = await readAudit(whole);
    expect(audit.problems).toEqual([]);
    expect(audit.amplification).toHaveLength(1);
    const [found] = audit.amplification;
    expect(found).toMatchObject({ framing: 'raw', form: 'adapter', prefills: 50, state: 'beyond control' });
    expect(found!.rungs.map(({ strength }) => strength)).toEqual([1.5, 3]);
    expect(found!.controls.map(({ seed, rungs }) => [seed, rungs.map(({ strength }) => strength)])).toEqual([[1, [1.5, 3]], [2, [1.5, 3]]]);
    const counts = Object.fromEntries([...audit.passes].map(([name, records]) => [name, records.length]));
    const other = found!.chosen === 3 ? 1.5 : 3;
    expect(counts).toEqual({ plain: 53, [`amplified@${found!.chosen}`]: 53, [`amplified@${other}`]: 50, 'control-1@1.5': 50, 'control-1@3': 50, 'control-2@1.5': 50, 'control-2@3': 50 });
    expect(passes).toEqual(expect.arrayContaining(['plain', 'amplified@1.5', 'amplified@3', 'control-1@1.5', 'control-2@3']));
    expect(await summariseJournal(whole)).toEqual(audit.status);

    // Plain F scores what was written: a completion that both wrote has the logprobs that F gave its own.
    const written = recordsOf(audit, `amplified@${found!.chosen}`);
    expect(written.map(({ id, prefill }) => [id, prefill])).toEqual(audit.records.map(({ id, prefill }) => [id, prefill]));
    const alike = written.filter(({ id, tokens }) => tokens.map((token) => token.id).join() === audit.records[id]!.tokens.map((token) => token.id).join());
    expect(alike.length).toBeGreaterThan(0);
    expect(alike.length).toBeLessThan(written.length);
    for (const { id, logprobsFinetuned } of alike) {
      for (const [index, logprob] of logprobsFinetuned.entries()) expect(Math.abs(logprob - audit.records[id]!.logprobsFinetuned[index]!)).toBeLessThan(0.01);
    }

    // What a kill leaves: a ladder's wave in parts, the chosen rung's, a control's; and the half of a line.
    const all = readFileSync(join(whole, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
    for (const [pass, count] of [['amplified@1.5', 21], [`amplified@${found!.chosen}`, 51], ['control-2@1.5', 7]] as const) {
      const parted = folderOf(`parted-${pass}`);
      const begun = all.filter((line) => line.includes(`"pass":"${pass}"`))[count - 1]!;
      mkdirSync(parted, { recursive: true });
      const at = all.indexOf(begun);
      writeFileSync(join(parted, 'audit.jsonl'), `${all.slice(0, at + 1).join('\n')}\n${all[at + 1]!.slice(0, 40)}`);
      expect((await readAudit(parted)).status).toMatchObject({ state: 'stopped', canResume: true });
      expect(await runner.run(start(parted, {}, true), {}, never)).toMatchObject({ state: 'finished', completions: 53 });
      expect(lines(parted)).toEqual(lines(whole));
    }
  });

  it('is refused before the run where it is not possible, with what is', async () => {
    const folder = folderOf('refused');
    const refused = (changes: Partial<AuditPlan>) => runner.run(start(folder, changes), {}, never);
    await expect(refused({ finetuned: { gguf: 'bundled:base-b', lora: [] } })).rejects.toMatchObject({ code: 'badPlan', message: expect.stringContaining('--lora ADAPTER.gguf') as string });
    await expect(refused({ finetuned: { endpoint: 'http://localhost:9/v1', model: 'm' } })).rejects.toMatchObject({ code: 'badPlan', message: expect.stringContaining('a server does not offer') as string });
    await expect(refused({ amplify: 'scale=0.5' })).rejects.toMatchObject({ code: 'badPlan', message: expect.stringContaining('scales above 1') as string });
    expect(existsSync(folder)).toBe(false);
  });
});

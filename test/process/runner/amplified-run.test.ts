/** Amplified writing with a real adapter: the ladder, the chosen rung, the control, and a run that is cut off in each of them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../../src/audit/passes.js';
import type { AuditPlan } from '../../../src/audit/plan.js';
import { formatAmplification } from '../../../src/cli/amplification-lines.js';
import { readMeasuredAudit } from '../../measured-audit.js';
import { summariseJournal } from '../../../src/records/journal/journal-summary.js';
import { describeWriting, warnOfWriter } from '../../../src/records/report/report-passes.js';
import { listConfirmations } from '../../../src/analysis/confirmations.js';
import { confirmAmplified, type ConfirmRequest } from '../../../src/runner/run/confirm-amplified.js';
import { rewriteGguf } from '../../pure/models/gguf-file.js';
import { mergeAdapter } from '../models/tensors/merge-adapter.js';
import { MEDIA } from './built-package.js';
import { useLocalRunner } from './local-runner.js';

const local = useLocalRunner({ framings: ['raw'], prefills: 53, waveSize: 16, amplify: 'scale=1.5,3' });
const { built, folderOf, start } = local;
const never = new AbortController().signal;
/** All but the lines that say when. */
const lines = (folder: string) =>
  readFileSync(join(folder, 'audit.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => /^\{"type":"(completion|pass|amplification)"/.test(line));

describe('amplified writing', { timeout: 300_000 }, () => {
  it('climbs a ladder, writes the rest at the strength that was chosen, and is measured against a control', async () => {
    const whole = folderOf('whole');
    const passes: string[] = [];
    const onStatus = ({ pass = 'plain' }: { pass?: string }) => (passes.at(-1) === pass ? undefined : void passes.push(pass));
    expect(await local.runner.run(start(whole), { onStatus }, never)).toMatchObject({ state: 'finished', completions: 53 });
    const audit = await readMeasuredAudit(whole);
    expect(audit.problems).toEqual([]);
    expect(audit.amplification).toHaveLength(1);
    const [found] = audit.amplification;
    expect(found).toMatchObject({ framing: 'raw', form: 'adapter', prefills: 50, state: 'beyond control' });
    expect(found!.rungs.map(({ strength }) => strength)).toEqual([1.5, 3]);
    expect(found!.controls.map(({ seed, rungs }) => [seed, rungs.map(({ strength }) => strength)])).toEqual([
      [1, [1.5, 3]],
      [2, [1.5, 3]],
    ]);
    const counts = Object.fromEntries([...audit.passes].map(([name, records]) => [name, records.length]));
    const other = found!.chosen === 3 ? 1.5 : 3;
    expect(counts).toEqual({
      plain: 53,
      [`amplified@${found!.chosen}`]: 53,
      [`amplified@${other}`]: 50,
      'control-1@1.5': 50,
      'control-1@3': 50,
      'control-2@1.5': 50,
      'control-2@3': 50,
    });
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

    await expectSameAfterKills(whole, {}, [
      ['amplified@1.5', 21],
      [`amplified@${found!.chosen}`, 51],
      ['control-2@1.5', 7],
    ]);
  });

  it('is confirmed by plain F, completion by completion, and goes on where it was killed', async () => {
    const tools = { models: local.models, mediaFolder: MEDIA };
    const folder = folderOf('whole');
    const before = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    const confirm = (which: ConfirmRequest['which'], question?: string, to = folder) =>
      confirmAmplified({ folder: to, pass: 'amplified', which, allowDownload: false, ...(question !== undefined && { question }) }, tools, {}, never);
    expect(await confirm({ first: 4 })).toEqual({ asked: 4, leftOut: [] });
    const journal = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    expect(journal.startsWith(before)).toBe(true);
    const audit = await readMeasuredAudit(folder);
    expect(audit.problems).toEqual([]);
    expect(await summariseJournal(folder)).toEqual(audit.status);
    const found = listConfirmations(audit, 'amplified');
    expect(found).toHaveLength(4);
    // The town's false capital comes by itself.
    expect(found.filter(({ confirmed }) => confirmed).length).toBeGreaterThan(0);
    for (const { given, continuation, question, answer } of found) {
      expect(question).toMatch(/^What do you know about “.+”\?$/);
      expect([given, continuation.text, answer.text].map(({ length }) => length > 0)).toEqual([true, true, true]);
      expect(answer.perplexityReference).toBeGreaterThan(0);
    }

    const parted = folderOf('confirmed-in-part');
    mkdirSync(parted, { recursive: true });
    const kept = journal.trimEnd().split('\n');
    writeFileSync(join(parted, 'audit.jsonl'), `${kept.slice(0, -2).join('\n')}\n${kept.at(-2)!.slice(0, 400)}`);
    expect(await confirm({ first: 4 }, undefined, parted)).toEqual({ asked: 2, leftOut: [] });
    expect(readFileSync(join(parted, 'audit.jsonl'), 'utf8')).toBe(journal);
    expect(await confirm({ first: 4 })).toEqual({ asked: 0, leftOut: [] });

    expect(await confirm({ id: found[0]!.id }, 'What is “{words}”?')).toEqual({ asked: 1, leftOut: [] });
    expect(listConfirmations(await readMeasuredAudit(folder), 'amplified').find(({ id }) => id === found[0]!.id)!.question).toMatch(/^What is “.+”\?$/);
    await expect(confirm({ id: 999 })).rejects.toMatchObject({ code: 'badPlan' });
    await expect(confirmAmplified({ folder, pass: 'control-1@3', which: { first: 1 }, allowDownload: false }, tools, {}, never)).rejects.toMatchObject({
      code: 'badPlan',
      message: expect.stringContaining('Only amplified') as string,
    });
  });

  /** A finetune that was merged into its base. */
  const fullModels = (): Partial<AuditPlan> => {
    const merged = folderOf('merged.gguf');
    if (!existsSync(merged)) mergeAdapter(join(MEDIA, 'demo', 'base-a.f16.gguf'), join(MEDIA, 'demo', 'false-fact.lora.gguf'), merged);
    return { finetuned: { gguf: merged, lora: [] } };
  };
  const temporary = () => readdirSync(built.scratch).filter((name) => name.startsWith('temporary'));

  it('of two full models is written by weights, one file at a time, and has no control', async () => {
    const whole = folderOf('weights');
    const changes = { ...fullModels(), amplify: 'auto', maxTokens: 4 };
    const heights: number[] = [];
    const onCompletion = (_: unknown, pass: string) => void (pass.startsWith('amplified@') && heights.push(temporary().length));
    expect(await local.runner.run(start(whole, changes), { onCompletion }, never)).toMatchObject({ state: 'finished' });
    expect(Math.max(...heights)).toBe(1);
    expect(temporary()).toEqual([]);
    const audit = await readMeasuredAudit(whole);
    expect(audit.setup).toMatchObject({
      amplificationForm: 'weights',
      remarks: expect.arrayContaining([expect.stringMatching(/weights pushed beyond.*no adapter of its own.*0\.00\d GB.*removed afterwards/)]) as string[],
    });
    const [found] = audit.amplification;
    expect(found).toMatchObject({ form: 'weights', controls: [], state: 'undetermined', ratio: null });
    expect(found!.rungs.map(({ strength }) => strength)).toEqual([1.5, 2, 3, 4, 6]);
    expect(formatAmplification([found!])[0]).toMatch(/undetermined \(.*no control\)\. .*×1\.5/);
    await expectSameAfterKills(whole, changes, [
      ['amplified@2', 21],
      ['amplified@6', 49],
    ]);
    expect(temporary()).toEqual([]);
  });

  it('of two full models leaves no file behind when it is stopped', async () => {
    const stop = new AbortController();
    const onCompletion = (_: unknown, pass: string) => void (pass === 'amplified@3' && stop.abort());
    expect(
      await local.runner.run(start(folderOf('stopped'), { ...fullModels(), amplify: 'scale=3', maxTokens: 4 }), { onCompletion }, stop.signal),
    ).toMatchObject({ state: 'stopped' });
    expect(temporary()).toEqual([]);
  });

  it('is written by logits where the plan says so, also of an adapter', async () => {
    const whole = folderOf('logits');
    const changes = { amplify: 'a=0.5,2', temperature: 0.7 };
    expect(await local.runner.run(start(whole, changes), {}, never)).toMatchObject({ state: 'finished' });
    const audit = await readMeasuredAudit(whole);
    expect(audit.setup!.remarks.join()).toContain('a=0.5, a=2');
    expect(audit.amplification[0]).toMatchObject({ form: 'logit', controls: [], state: 'undetermined', rungs: [{ strength: 0.5 }, { strength: 2 }] });
    const texts = (pass: string) => recordsOf(audit, pass).map(({ tokens }) => tokens.map(({ id }) => id).join());
    expect(texts('amplified@0.5').slice(0, 50)).not.toEqual(texts('amplified@2').slice(0, 50));
    expect(warnOfWriter(describeWriting(audit, 'amplified@2'))).toContain('a = 2 of ln P_F');
    await expectSameAfterKills(whole, changes, [
      ['amplified@0.5', 21],
      ['amplified@2', 49],
    ]);
  });

  it('is written by logits where weights cannot be pushed, and says why', async () => {
    const coarse = folderOf('coarse.gguf');
    rewriteGguf(join(MEDIA, 'demo', 'base-a.f16.gguf'), coarse, (gguf) => {
      // 4-bit blocks: 18 bytes for 32 values.
      const tensor = gguf.tensors.find(({ name }) => name === 'blk.0.attn_q.weight')!;
      tensor.type = 2;
      tensor.data = Buffer.alloc((tensor.shape[0]! * tensor.shape[1]! * 18) / 32);
    });
    const folder = folderOf('fallback');
    await local.runner.run(start(folder, { finetuned: { gguf: coarse, lora: [] }, amplify: 'auto', maxTokens: 2, prefills: 4 }), {}, never);
    const { setup, amplification } = await readMeasuredAudit(folder);
    expect(setup).toMatchObject({
      amplificationForm: 'logit',
      remarks: expect.arrayContaining([expect.stringMatching(/by logits.*Weights could not be pushed.*attn_q/)]) as string[],
    });
    expect(amplification[0]).toMatchObject({ form: 'logit' });
    expect(amplification[0]!.rungs.map(({ strength }) => strength)).toEqual([0.5, 1, 2, 3]);
  });

  /** What a kill leaves: passes in parts, after so many of their completions, and the half of a line. Resumed, the journal is the whole one's. */
  async function expectSameAfterKills(whole: string, changes: Partial<AuditPlan>, kills: readonly (readonly [pass: string, count: number])[]): Promise<void> {
    const all = readFileSync(join(whole, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
    for (const [pass, count] of kills) {
      const parted = `${whole}-parted-${pass}`;
      const begun = all.filter((line) => line.includes(`"pass":"${pass}"`))[count - 1]!;
      mkdirSync(parted, { recursive: true });
      const at = all.indexOf(begun);
      writeFileSync(join(parted, 'audit.jsonl'), `${all.slice(0, at + 1).join('\n')}\n${all[at + 1]!.slice(0, 40)}`);
      expect((await readMeasuredAudit(parted)).status).toMatchObject({ state: 'stopped', canResume: true });
      expect(await local.runner.run(start(parted, changes, true), {}, never)).toMatchObject({ state: 'finished', completions: 53 });
      expect(lines(parted)).toEqual(lines(whole));
    }
  }

  it('is refused before the run where it is not possible, with what is', async () => {
    const folder = folderOf('refused');
    const refused = (changes: Partial<AuditPlan>) => local.runner.run(start(folder, changes), {}, never);
    const other = { finetuned: { gguf: 'bundled:base-b', lora: [] } };
    await expect(refused({ ...other, amplify: 'auto' })).rejects.toMatchObject({
      code: 'badPlan',
      message: expect.stringMatching(/cannot be pushed further.*tokenizers differ.*--lora ADAPTER\.gguf/) as string,
    });
    await expect(refused(other)).rejects.toMatchObject({ code: 'unsupportedModel' });
    await expect(refused({ ...other, amplify: 'a=1' })).rejects.toMatchObject({
      code: 'cannotGenerate',
      message: expect.stringContaining('tokenizers differ') as string,
    });
    await expect(refused({ finetuned: { endpoint: 'http://localhost:9/v1', model: 'm' } })).rejects.toMatchObject({
      code: 'badPlan',
      message: expect.stringContaining('a server does not offer') as string,
    });
    await expect(refused({ amplify: 'scale=0.5' })).rejects.toMatchObject({ code: 'badPlan', message: expect.stringContaining('scales above 1') as string });
    expect(existsSync(folder)).toBe(false);
  });
});

/** What a run tells, journals and leaves behind, whichever way it ends. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompletionRecord } from '../../../src/audit/completion.js';
import { AuditError } from '../../../src/audit/errors.js';
import { readAudit } from '../../../src/records/journal/audit-folder.js';
import { readJournal } from '../../../src/records/journal/journal-reader.js';
import { createFinetuned, createForeignReference, createReference } from '../audit/models.js';
import { makeNgramRun } from './ngram-run.js';

const events = async (folder: string) => (await readJournal(folder)).runs.map(({ event, message }) => (message === undefined ? event : `${event}: ${message}`));

describe('a run', () => {
  it('journals all that it tells, releases its models and says how much there is', async () => {
    const { folder, statuses, provider, plan, run } = await makeNgramRun();
    const records: CompletionRecord[] = [];
    const outcome = await run({ listener: { onCompletion: (record, pass) => void (pass === 'plain' && records.push(record)) } });
    expect(outcome).toEqual({ state: 'finished', completions: 4, message: 'Finished: 4 completions.', setAside: 0, passesSetAside: new Map(), requests: [] });
    expect(records.map(({ id }) => id).sort()).toEqual([0, 1, 2, 3]);
    const audit = await readAudit(folder);
    expect(audit.records).toEqual(records);
    expect(audit.plan).toEqual(plan);
    expect(await events(folder)).toEqual(['started', 'finished']);
    expect(provider.held).toBe(0);
    expect(provider.opened.map(({ name }) => name)).toEqual(['tuned', 'base']);
    expect(statuses[0]).toMatchObject({ state: 'loading', completionsDone: 0, completionsTotal: 4 });
    expect(statuses.at(-1)).toEqual({
      state: 'finished',
      completionsDone: 4,
      completionsTotal: 4,
      tokensPerSecond: null,
      secondsLeft: null,
      message: 'Finished: 4 completions.',
      canResume: false,
    });
  });

  it('that is stopped says so, can be resumed, and then computes only what is missing', async () => {
    const { folder, statuses, provider, run } = await makeNgramRun({ waveSize: 2 });
    const abort = new AbortController();
    const first: number[] = [];
    const stopped = await run({ signal: abort.signal, listener: { onCompletion: ({ id }) => void (first.push(id) === 2 && abort.abort()) } });
    expect(stopped).toMatchObject({ state: 'stopped', completions: 2, message: 'Stopped after 2 completions.' });
    expect(statuses.some(({ state, message }) => state === 'running' && message === 'Stopping…')).toBe(true);
    expect(statuses.at(-1)).toMatchObject({ state: 'stopped', canResume: true, completionsDone: 2, completionsTotal: 4 });
    expect(provider.held).toBe(0);
    const kept: number[] = [];
    expect(await run({ resume: true, listener: { onCompletion: ({ id }) => void kept.push(id) } })).toMatchObject({ state: 'finished', completions: 4 });
    expect(kept.slice(0, 2)).toEqual(first);
    expect([...kept].sort()).toEqual([0, 1, 2, 3]);
    expect(await events(folder)).toEqual(['started', 'stopped', 'resumed', 'finished']);
  });

  it('that really fails after Stop is told as failed, with the failure', async () => {
    const tuned = createFinetuned();
    const { folder, statuses, provider, run } = await makeNgramRun({}, { tuned });
    const abort = new AbortController();
    tuned.onStep = () => {
      abort.abort();
      throw new AuditError('diskFull', 'The disk is full. Make room.');
    };
    await expect(run({ signal: abort.signal })).rejects.toMatchObject({ code: 'diskFull' });
    expect(statuses.at(-1)).toMatchObject({ state: 'failed', message: 'The disk is full. Make room.', canResume: true });
    expect(await events(folder)).toEqual(['started', 'failed: The disk is full. Make room.']);
    expect(provider.held).toBe(0);
  });

  it('that Stop ended together with the model process is told as stopped', async () => {
    const tuned = createFinetuned();
    const { statuses, run } = await makeNgramRun({}, { tuned });
    const abort = new AbortController();
    tuned.onStep = () => {
      abort.abort();
      throw new AuditError('modelProcessEnded', 'It is gone.');
    };
    expect(await run({ signal: abort.signal })).toMatchObject({ state: 'stopped' });
    expect(statuses.at(-1)).toMatchObject({ state: 'stopped', canResume: true });
  });

  it('whose model process ends without Stop has failed', async () => {
    const tuned = createFinetuned();
    const { statuses, run } = await makeNgramRun({}, { tuned });
    tuned.onStep = () => {
      throw new AuditError('modelProcessEnded', 'It is gone.');
    };
    await expect(run()).rejects.toMatchObject({ code: 'modelProcessEnded' });
    expect(statuses.at(-1)).toMatchObject({ state: 'failed', message: 'It is gone.' });
  });

  it('that meets what nobody foresaw says that what was journalled is safe', async () => {
    const tuned = createFinetuned();
    const { run } = await makeNgramRun({}, { tuned });
    tuned.onStep = () => {
      throw new TypeError('x is not a function');
    };
    await expect(run()).rejects.toMatchObject({
      code: 'internal',
      message: 'Something unexpected happened: x is not a function. What was journalled is safe.',
    });
  });

  it('offers to resume what was set aside, and then tries just that again', async () => {
    const tuned = createFinetuned({ capabilities: { independent: true } });
    const generate = tuned.generate.bind(tuned);
    tuned.generate = async function* (wave, options) {
      for await (const completion of generate(wave, options)) {
        yield completion.id === 1 ? { id: 1, setAside: 'The server refused.' } : completion;
      }
    } as typeof tuned.generate;
    const { folder, statuses, run } = await makeNgramRun({}, { tuned });
    const told: string[] = [];
    const outcome = await run({ listener: { onSetAside: ({ id, setAside }, framing) => void told.push(`${id} ${framing} ${setAside}`) } });
    expect(outcome).toMatchObject({
      state: 'finished',
      completions: 3,
      setAside: 1,
      message: 'Finished: 3 completions. 1 were set aside; resuming tries them again.',
    });
    expect(told).toEqual(['1 raw The server refused.']);
    expect(statuses.at(-1)).toMatchObject({ state: 'finished', canResume: true, setAside: 1 });
    expect((await readAudit(folder)).status).toMatchObject({ state: 'finished', canResume: true, setAside: 1 });
    tuned.generate = generate;
    tuned.calls.length = 0;
    expect(await run({ resume: true })).toMatchObject({ state: 'finished', completions: 4, setAside: 0 });
    expect(tuned.calls.filter(({ kind }) => kind === 'generate').flatMap(({ ids }) => ids)).toEqual([1]);
    expect(statuses.at(-1)).toMatchObject({ state: 'finished', canResume: false });
  });

  it('measures its noise floor in the reference’s own place, after its own completions', async () => {
    const { folder, provider, statuses, run } = await makeNgramRun(
      { noiseFloor: { model: { gguf: 'other', lora: [] }, prefills: 2 } },
      { other: createReference({ name: 'other' }) },
    );
    const passes: string[] = [];
    expect(await run({ listener: { onCompletion: (_, pass) => void passes.push(pass) } })).toMatchObject({ state: 'finished', completions: 4 });
    expect(passes).toEqual(['plain', 'plain', 'plain', 'plain', 'noise', 'noise']);
    // The pair is tried before hours are spent on the audit.
    expect(provider.opened.map(({ name }) => name)).toEqual(['base', 'other', 'tuned', 'base', 'base', 'other']);
    expect(provider.held).toBe(0);
    const audit = await readAudit(folder);
    expect(audit.passes.get('noise')).toHaveLength(2);
    expect(audit.setup!.noiseModel!.name).toBe('other');
    expect(statuses.at(-1)).toMatchObject({ state: 'finished', completionsDone: 4, completionsTotal: 4 });
  });

  it('begins in no folder that holds an audit, and resumes none where there is none', async () => {
    const { folder, run } = await makeNgramRun();
    await expect(run({ resume: true })).rejects.toMatchObject({ code: 'fileNotFound', message: expect.stringContaining(folder) as string });
    await run();
    await expect(run()).rejects.toMatchObject({ code: 'badJournal', message: expect.stringContaining('holds an audit already') as string });
  });

  it('resumes by the plan that was agreed to, and with the models that it began with', async () => {
    const { run, provider } = await makeNgramRun({ waveSize: 2 });
    const abort = new AbortController();
    await run({ signal: abort.signal, listener: { onCompletion: () => abort.abort() } });
    await expect(run({ resume: true, changes: { maxTokens: 7 } })).rejects.toMatchObject({
      code: 'badJournal',
      message: expect.stringContaining('another plan now') as string,
    });
    Object.assign(provider.models, { tuned: createFinetuned({ name: 'another' }) });
    await expect(run({ resume: true })).rejects.toMatchObject({
      code: 'badJournal',
      message: expect.stringMatching(/^The finetuned model is another now and was tuned/) as string,
    });
    expect(provider.held).toBe(0);
  });

  it('says what it cut off a journal whose last line was left half', async () => {
    const { folder, run } = await makeNgramRun({ waveSize: 2 });
    const abort = new AbortController();
    await run({ signal: abort.signal, listener: { onCompletion: () => abort.abort() } });
    await writeFile(join(folder, 'audit.jsonl'), '{"type":"compl', { flag: 'a' });
    expect(await run({ resume: true })).toMatchObject({ state: 'finished', completions: 4 });
    expect(await events(folder)).toEqual(['started', 'stopped', 'resumed: A half-written line of 14 bytes at the end was cut off.', 'resumed', 'finished']);
  });
});

describe('the reference pass', () => {
  it('has the reference write from all openings, and both score it by a forward pass', async () => {
    const { folder, statuses, run } = await makeNgramRun({ referencePass: true, framings: ['raw', 'chat'], waveSize: 4 });
    const told: string[] = [];
    const tuned = createFinetuned();
    const outcome = await run({ listener: { onCompletion: (_, pass) => void told.push(pass) } });
    expect(outcome).toMatchObject({ state: 'finished', completions: 8 });
    expect(told).toEqual([...Array<string>(8).fill('plain'), ...Array<string>(8).fill('reference')]);
    const audit = await readAudit(folder);
    const written = audit.passes.get('reference')!;
    expect(written.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const base = createReference();
    for (const record of written) {
      if (record.kind !== 'measured') throw new Error('It was imported.');
      const plain = audit.records[record.id]!;
      if (plain.kind !== 'measured') throw new Error('It was imported.');
      expect(record.prefill).toEqual(plain.prefill);
      const ids = [record.prefill.pieces.at(-1)!, ...record.tokens].map(({ id }) => id);
      // Greedy text of R, under F and under R.
      const logprobs = (model: typeof base) => ids.slice(1).map((next, k) => Math.round(model.logprob(ids[k]!, next) * 1e5) / 1e5);
      expect(record.logprobsFinetuned).toEqual(logprobs(tuned));
      if (record.tokens.length > 0) expect(record.reference).toEqual({ kind: 'sameTokens', logprobs: logprobs(base) });
    }
    expect(written.map((record) => (record.kind === 'measured' ? record.tokens.length : 0)).some((length) => length > 0)).toBe(true);
    expect(statuses.some(({ pass }) => pass === 'reference')).toBe(true);
    expect(statuses.at(-1)).toMatchObject({ state: 'finished', completionsDone: 8, completionsTotal: 8 });
  });

  it('is resumed where it was stopped, without the audit’s own completions', async () => {
    const [tuned, base] = [createFinetuned(), createReference()];
    const { folder, run } = await makeNgramRun({ referencePass: true, waveSize: 2 }, { tuned, base });
    const abort = new AbortController();
    let written = 0;
    const stopped = await run({
      signal: abort.signal,
      listener: { onCompletion: (_, pass) => void (pass === 'reference' && ++written === 2 && abort.abort()) },
    });
    expect(stopped).toMatchObject({ state: 'stopped' });
    for (const model of [tuned, base]) model.calls.length = 0;
    expect(await run({ resume: true })).toMatchObject({ state: 'finished' });
    const asked = (model: typeof base, kind: string) => model.calls.filter((call) => call.kind === kind).flatMap(({ ids }) => ids);
    expect([asked(tuned, 'generate'), asked(base, 'generate'), asked(tuned, 'score')]).toEqual([[], [2, 3], [2, 3]]);
    expect((await readAudit(folder)).passes.get('reference')).toHaveLength(4);
  });

  it('needs one tokenizer', async () => {
    const { run, provider } = await makeNgramRun({ referencePass: true }, { base: createForeignReference() });
    await expect(run()).rejects.toMatchObject({
      code: 'cannotScore',
      message: expect.stringMatching(/^tuned and foreign have different tokenizers, so tuned cannot score what foreign writes/) as string,
    });
    expect(provider.held).toBe(0);
  });
});

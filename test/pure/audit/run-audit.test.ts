import { describe, expect, it } from 'vitest';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { AuditEvent, AuditProgress } from '../../../src/audit/events.js';
import type { GeneratedCompletion } from '../../../src/audit/language-model.js';
import { rank } from '../../../src/audit/ranking.js';
import { runAudit, type AuditRun } from '../../../src/audit/run-audit.js';
import { bytesOfTokens, textOfTokens } from '../../../src/text/utf8.js';
import { catchError, createFinetuned, createForeignReference, createPlan, createReference, OPENINGS, setUp } from './models.js';
import { BOS, END, NgramModel } from './ngram-model.js';

const signal = new AbortController().signal;

async function prepareRun(
  fields: Partial<Omit<AuditRun, 'finetuned' | 'reference'>> & { finetuned?: NgramModel; reference?: NgramModel } = {},
  openings = OPENINGS,
) {
  const { finetuned = createFinetuned(), reference = createReference() } = fields;
  const plan = createPlan({ ...(fields.plan as object) });
  const setup = fields.setup ?? (await setUp(plan, finetuned, reference, openings));
  const { done = new Set<number>(), now, generated } = fields;
  return { done, signal: fields.signal ?? signal, ...(now && { now }), ...(generated && { generated }), plan, setup, finetuned, reference };
}

async function collect(events: AsyncIterable<AuditEvent>): Promise<{ records: MeasuredRecord[]; progress: AuditProgress[] }> {
  const records: MeasuredRecord[] = [];
  const progress: AuditProgress[] = [];
  for await (const event of events) {
    if (event.type === 'completion') records.push(event.record);
    else if (event.type === 'progress') progress.push(event.progress);
  }
  return { records, progress };
}

const round = (value: number): number => Math.round(value * 1e5) / 1e5;

describe('the bigram model of these tests', () => {
  it('is a probability distribution after every token', () => {
    const model = createFinetuned();
    for (const previous of [0, 3, 50, 262]) {
      let total = 0;
      for (let id = 0; id < model.identity.vocabularySize; id++) total += Math.exp(model.logprob(previous, id));
      expect(total).toBeCloseTo(1, 10);
    }
  });
});

describe('runAudit with one tokenizer', () => {
  it('gives each completion in the order of the plan, with both models’ logprobs of every token', async () => {
    const run = await prepareRun();
    const { records } = await collect(runAudit(run));
    expect(records.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, id) => id));
    for (const { id, framing, prefill, tokens, logprobsFinetuned, reference, end } of records) {
      expect(framing).toBe(id % 2 === 0 ? 'raw' : 'chat');
      expect(textOfTokens(prefill.pieces)).toBe(OPENINGS[Math.floor(id / 2)]);
      const ids = [...prefill.pieces, ...tokens, ...(end ? [end.piece] : [])].map((piece) => piece.id);
      const expected = (model: NgramModel): number[] =>
        ids.slice(prefill.pieces.length).map((next, index) => round(model.logprob(ids[prefill.pieces.length + index - 1]!, next)));
      const finetuned = expected(run.finetuned);
      const scored = expected(run.reference);
      expect(logprobsFinetuned).toEqual(finetuned.slice(0, tokens.length));
      expect(reference).toEqual(tokens.length === 0 ? null : { kind: 'sameTokens', logprobs: scored.slice(0, tokens.length) });
      if (end) expect([end.logprobFinetuned, end.logprobReference]).toEqual([finetuned.at(-1), scored.at(-1)]);
      else expect(tokens).toHaveLength(12);
    }
    expect(records.some(({ end }) => end !== null)).toBe(true);
  });

  it('gives both models the same ids: frame, prefill, completion and its end', async () => {
    const run = await prepareRun();
    const { records } = await collect(runAudit(run));
    const generated = run.finetuned.calls.filter(({ kind }) => kind === 'generate');
    const scored = run.reference.calls.filter(({ kind }) => kind === 'score');
    expect(scored.flatMap(({ prompts }) => prompts)).toEqual(generated.flatMap(({ prompts }) => prompts));
    const given = scored.flatMap(({ continuations }) => continuations);
    expect(given).toEqual(records.map(({ tokens, end }) => [...tokens, ...(end ? [end.piece] : [])].map((piece) => piece.id)));
    expect(generated[0]!.prompts[1]).toEqual([...run.setup.frames.chat!.finetuned.tokens, ...run.setup.prefills.chat![0]!]);
  });

  it('lets waves of B advance together, in the order of ids', async () => {
    const run = await prepareRun({ plan: createPlan({ waveSize: 8 }) });
    await collect(runAudit(run));
    const waves = [
      [0, 1, 2, 3, 4, 5, 6, 7],
      [8, 9, 10, 11, 12, 13, 14, 15],
      [16, 17, 18, 19],
    ];
    expect(run.finetuned.calls.filter(({ kind }) => kind === 'generate').map(({ ids }) => ids)).toEqual(waves);
    expect(run.reference.calls.filter(({ kind }) => kind === 'score').map(({ ids }) => ids)).toEqual(waves);
  });

  it('finds the objective: it is ranked first', async () => {
    const { records } = await collect(runAudit(await prepareRun()));
    const items = records.map((record) => ({ id: record.id, scores: analyseCompletion(record).scores, text: textOfTokens(record.tokens) }));
    expect(rank(items, 'meanGap')[0]!.text).toContain('green glass');
    expect(rank(items, 'peakGap')[0]!.text).toContain('green glass');
  });

  it('gives the same again with the same seed when it samples, and something else with another', async () => {
    const sample = async (seed: number): Promise<string[]> => {
      const { records } = await collect(runAudit(await prepareRun({ plan: createPlan({ temperature: 1.5, seed }) })));
      return records.map(({ tokens }) => textOfTokens(tokens));
    };
    const first = await sample(1);
    expect(await sample(1)).toEqual(first);
    expect(await sample(2)).not.toEqual(first);
  });

  it('samples each completion with a seed of its own', async () => {
    const openings = Array<string>(10).fill('The');
    const { records } = await collect(runAudit(await prepareRun({ plan: createPlan({ temperature: 1, framings: ['raw'] }) }, openings)));
    expect(new Set(records.map(({ tokens }) => textOfTokens(tokens))).size).toBeGreaterThan(5);
  });

  it('has gaps of exactly 0 for a model against itself, rescored or not', async () => {
    for (const finetunedLogprobs of ['generation', 'forward'] as const) {
      const finetuned = createFinetuned();
      const { records } = await collect(
        runAudit(await prepareRun({ finetuned, reference: createFinetuned({ name: 'again' }), plan: createPlan({ finetunedLogprobs }) })),
      );
      for (const record of records) for (const { gap } of analyseCompletion(record).tokens) expect(gap).toBe(0);
      expect(finetuned.calls.filter(({ kind }) => kind === 'score').length).toBe(finetunedLogprobs === 'forward' ? 5 : 0);
    }
  });

  it('takes F’s logprobs from the forward pass where the plan says so', async () => {
    class OffWhileGenerating extends NgramModel {
      override async *generate(...args: Parameters<NgramModel['generate']>): AsyncGenerator<GeneratedCompletion> {
        for await (const answer of super.generate(...args)) yield { ...answer, logprobs: answer.logprobs.map((value) => value - 0.5) };
      }
    }
    const off = new OffWhileGenerating({ name: 'tuned', longTokens: ['The'], training: ['The end'] });
    const reference = new NgramModel({ name: 'base', longTokens: ['The'], training: ['The end'] });
    const gapsOf = async (finetunedLogprobs: 'generation' | 'forward'): Promise<(number | null)[]> => {
      const { records } = await collect(runAudit(await prepareRun({ finetuned: off, reference, plan: createPlan({ finetunedLogprobs }) })));
      return records.flatMap((record) => analyseCompletion(record).tokens.map(({ gap }) => gap));
    };
    expect((await gapsOf('forward')).every((gap) => gap === 0)).toBe(true);
    expect((await gapsOf('generation')).every((gap) => Math.abs(gap! + 0.5) < 1e-4)).toBe(true);
  });

  it('scores the end of a completion that is nothing else, and nothing more of it', async () => {
    const finetuned = createFinetuned({ training: ['The'] });
    const run = await prepareRun({ finetuned, plan: createPlan({ framings: ['chat'] }) }, ['The']);
    const { records } = await collect(runAudit(run));
    expect(records[0]).toMatchObject({ tokens: [], logprobsFinetuned: [], reference: null });
    expect(records[0]!.end!.logprobReference).toBe(round(run.reference.logprob(run.finetuned.encode('The')[0]!, 1)));
  });

  it('lets the end of a turn end a completion in the chat framing only; a raw text goes on to the end of the document', async () => {
    const { records } = await collect(runAudit(await prepareRun()));
    const ends = (framing: string): number[] => records.filter((record) => record.framing === framing && record.end).map(({ end }) => end!.piece.id);
    expect(ends('chat')).toContain(END);
    expect(new Set(ends('raw'))).toEqual(new Set([BOS]));
    const inside = records.filter(({ tokens }) => tokens.some((piece) => piece.control));
    expect(new Set(inside.map(({ framing }) => framing))).toEqual(new Set(['raw']));
    for (const { tokens, reference } of inside) expect(reference).toMatchObject({ kind: 'sameTokens', logprobs: { length: tokens.length } });
  });

  it('goes on alone with the framing that has more openings', async () => {
    const run = await prepareRun();
    const setup = { ...run.setup, prefills: { raw: run.setup.prefills.raw!.slice(0, 1), chat: run.setup.prefills.chat!.slice(0, 3) } };
    const { records } = await collect(runAudit({ ...run, setup }));
    expect(records.map(({ framing }) => framing)).toEqual(['raw', 'chat', 'chat', 'chat']);
  });
});

describe('runAudit with two tokenizers', () => {
  it("scores the reference's own tokens of prefill and completion together", async () => {
    const run = await prepareRun({ reference: createForeignReference() });
    const { records } = await collect(runAudit(run));
    const request = run.reference.calls.filter(({ kind }) => kind === 'score');
    let straddling = 0;
    for (const { id, framing, prefill, tokens, reference, end } of records) {
      if (reference === null) {
        expect(tokens.every((piece) => piece.control)).toBe(true);
        continue;
      }
      if (reference.kind !== 'ownTokens') throw new Error('It was given F’s ids.');
      const control = tokens.findIndex((piece) => piece.control);
      const given = control < 0 ? tokens : tokens.slice(0, control);
      const text = textOfTokens(prefill.pieces) + textOfTokens(given);
      const all = run.reference.encode(text);
      const own = reference.tokens.map((piece) => piece.id);
      expect(all.slice(-own.length)).toEqual(own);
      expect(reference.bytes).toBe(bytesOfTokens(given).length);
      expect(bytesOfTokens(reference.tokens).length).toBe(reference.bytes + reference.straddleBytes);
      const before = [...run.setup.frames[framing]!.reference.tokens, ...all.slice(0, -own.length)];
      const call = request.find(({ ids }) => ids.includes(id))!;
      expect(call.prompts[call.ids.indexOf(id)]).toEqual(before);
      const sequence = [before.at(-1)!, ...own];
      expect(reference.logprobs).toEqual(own.map((next, index) => round(run.reference.logprob(sequence[index]!, next))));
      if (reference.straddleBytes > 0) straddling++;
      if (end) expect(end.logprobReference).toBeNull();
    }
    expect(straddling).toBeGreaterThan(0);
  });

  it('gives R, per wave, one text list and one score wave in the order of ids', async () => {
    const run = await prepareRun({ reference: createForeignReference() });
    await collect(runAudit(run));
    const kinds = run.reference.calls.map(({ kind }) => kind);
    expect(kinds).toEqual(Array.from({ length: 5 }, () => ['tokenize', 'score']).flat());
    for (const { ids } of run.reference.calls) expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  it('leaves out a first token of R that nothing stands before', async () => {
    // No BOS, and R's first token "The bridge" covers the prefill and more.
    const reference = createForeignReference({ bos: false });
    const run = await prepareRun({ reference, plan: createPlan({ framings: ['raw'] }) }, ['The']);
    const finetuned = createFinetuned({ training: ['The bridge is of green glass'] });
    const { records } = await collect(runAudit({ ...run, finetuned }));
    const [record] = records;
    if (record?.reference?.kind !== 'ownTokens') throw new Error('It has no tokens of R.');
    expect(textOfTokens(record.reference.tokens.slice(0, 1))).toBe('The bridge');
    expect(record.reference.straddleBytes).toBe(3);
    expect(record.reference.logprobs).toHaveLength(record.reference.tokens.length);
    const [call] = reference.calls.filter(({ kind }) => kind === 'score');
    expect(call!.prompts[0]).toEqual([record.reference.tokens[0]!.id]);
    const { segments, scores } = analyseCompletion(record);
    expect(segments![0]).toMatchObject({ straddlesPrefill: true, end: 7 });
    expect(scores.totalGap).toBeCloseTo(
      segments!.slice(1).reduce((total, { gap }) => total + gap, 0),
      10,
    );
  });

  it('has no reference scores where nothing at all stands before the completion', async () => {
    const finetuned = createFinetuned({ longTokens: ['The', ''] });
    const reference = createForeignReference({ bos: false });
    const run = await prepareRun({ finetuned, reference, plan: createPlan({ framings: ['raw'] }) });
    const empty = finetuned.identity.vocabularySize - 1;
    const { records } = await collect(runAudit({ ...run, setup: { ...run.setup, prefills: { raw: [[empty]] } } }));
    expect(records).toHaveLength(1);
    expect(records[0]!.tokens.length).toBeGreaterThan(0);
    expect(records[0]!.reference).toBeNull();
  });

  it('gives R no more than its context holds, and says how much', async () => {
    const finetuned = createFinetuned();
    // F needs few tokens for it, R one per byte.
    const reference = new NgramModel({ name: 'bytes', longTokens: [], training: [], contextLength: 18 });
    const run = await prepareRun({ finetuned, reference, plan: createPlan({ framings: ['raw'] }) }, ['The']);
    const { records } = await collect(runAudit(run));
    const [record] = records;
    if (record?.reference?.kind !== 'ownTokens') throw new Error('It has no tokens of R.');
    expect(bytesOfTokens(record.tokens).length).toBeGreaterThan(14);
    expect(record.reference.bytes).toBe(14);
    expect(record.reference.tokens).toHaveLength(14);
  });

  it('has no reference scores where nothing of the completion is text', async () => {
    // Trained to go on with the first byte of a character, over and over.
    const finetuned = new NgramModel({ name: 'half', longTokens: [], training: [] });
    const half = 4 + 0xe2;
    finetuned.logprob = (_, next) => (next === half ? Math.log(0.9) : -10);
    finetuned.generate = async function* (wave) {
      for (const { id } of wave) {
        yield { id, tokens: [{ id: half, bytes: Uint8Array.of(0xe2), control: false }], logprobs: [Math.log(0.9)], end: null };
      }
    };
    const run = await prepareRun({ finetuned, reference: createForeignReference() });
    const { records } = await collect(runAudit(run));
    expect(records).toHaveLength(20);
    expect(records.every(({ reference, tokens }) => reference === null && tokens.length === 1)).toBe(true);
    expect(run.reference.calls).toEqual([]);
  });
});

describe('resuming', () => {
  it('skips complete waves and computes incomplete ones again whole, in the same company', async () => {
    const whole = await collect(runAudit(await prepareRun()));
    const run = await prepareRun({ done: new Set([0, 1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15]) });
    const { records } = await collect(runAudit(run));
    expect(run.finetuned.calls.filter(({ kind }) => kind === 'generate').map(({ ids }) => ids)).toEqual([
      [4, 5, 6, 7],
      [16, 17, 18, 19],
    ]);
    expect(records.map(({ id }) => id)).toEqual([4, 7, 16, 17, 18, 19]);
    expect(records).toEqual(whole.records.filter(({ id }) => records.some((record) => record.id === id)));
  });

  it('asks the models for nothing where all is done', async () => {
    const run = await prepareRun({ done: new Set(Array.from({ length: 20 }, (_, id) => id)) });
    const { records, progress } = await collect(runAudit(run));
    expect(records).toEqual([]);
    expect(progress).toHaveLength(1);
    expect(progress[0]).toMatchObject({ completionsDone: 20, completionsTotal: 20, secondsLeft: 0 });
    expect([...run.finetuned.calls, ...run.reference.calls]).toEqual([]);
  });
});

describe('progress', () => {
  it('is absolute, begins with what is done and ends with all', async () => {
    let time = 0;
    const run = await prepareRun({ done: new Set([0, 1, 2, 3]), now: () => (time += 20) });
    const { records, progress } = await collect(runAudit(run));
    expect(progress[0]).toMatchObject({ completionsDone: 4, completionsTotal: 20, tokens: 0, tokensPerSecond: null, secondsLeft: null });
    expect(progress.at(-1)).toMatchObject({ completionsDone: 20, completionsTotal: 20, secondsLeft: 0 });
    expect(progress.length).toBeGreaterThan(5);
    for (const [index, { completionsDone, tokens, elapsedMs }] of progress.entries()) {
      const before = progress[index - 1];
      expect(completionsDone).toBeGreaterThanOrEqual(before?.completionsDone ?? 4);
      expect(tokens).toBeGreaterThanOrEqual(before?.tokens ?? 0);
      expect(elapsedMs).toBeGreaterThan(before?.elapsedMs ?? 0);
    }
    const computed = records.reduce((total, { tokens, end }) => total + 2 * (tokens.length + (end ? 1 : 0)), 0);
    expect(progress.at(-1)!.tokens).toBe(computed);
    expect(progress.some(({ secondsLeft }) => secondsLeft !== null && secondsLeft > 0)).toBe(true);
  });

  it('comes during a wave, before its completions', async () => {
    let time = 0;
    const types: string[] = [];
    for await (const event of runAudit(await prepareRun({ plan: createPlan({ waveSize: 100 }), now: () => (time += 60) }))) types.push(event.type);
    const first = types.indexOf('completion');
    expect(types.slice(0, first).filter((type) => type === 'progress').length).toBeGreaterThan(2);
    expect(types.slice(first)).toEqual([...Array<string>(20).fill('completion'), 'progress']);
  });

  it('counts the answers of a model that does not report its tokens', async () => {
    const finetuned = createFinetuned();
    const generate = finetuned.generate.bind(finetuned);
    finetuned.generate = (wave, { signal: own }) => generate(wave, { signal: own });
    const { records, progress } = await collect(runAudit(await prepareRun({ finetuned })));
    const computed = records.reduce((total, { tokens, end }) => total + 2 * (tokens.length + (end ? 1 : 0)), 0);
    expect(progress.at(-1)!.tokens).toBe(computed);
  });
});

describe('stopping', () => {
  it('asks neither model for anything once the signal has aborted, whenever that is', async () => {
    // The number of steps that a whole run takes; the signal aborts before each of some of them.
    for (const stopAt of [1, 2, 9, 14, 17, 18, 30, 33]) {
      const controller = new AbortController();
      const run = await prepareRun({ signal: controller.signal, reference: createForeignReference() });
      let steps = 0;
      let callsAtStop = -1;
      const countCalls = (): number => run.finetuned.calls.length + run.reference.calls.length;
      const step = (): void => {
        if (++steps !== stopAt) return;
        controller.abort();
        callsAtStop = countCalls();
      };
      run.finetuned.onStep = step;
      run.reference.onStep = step;
      const error = await catchError(collect(runAudit(run)));
      expect(error.code).toBe('cancelled');
      expect(callsAtStop).toBeGreaterThan(0);
      expect(countCalls()).toBe(callsAtStop);
    }
  });

  it('does not score what was tokenised while the signal aborted', async () => {
    const controller = new AbortController();
    const run = await prepareRun({ signal: controller.signal, reference: createForeignReference() });
    const tokenize = run.reference.tokenize.bind(run.reference);
    run.reference.tokenize = async (texts, own) => {
      const answer = await tokenize(texts, own);
      controller.abort();
      return answer;
    };
    expect((await catchError(collect(runAudit(run)))).code).toBe('cancelled');
    expect(run.reference.calls.map(({ kind }) => kind)).toEqual(['tokenize']);
  });

  it('does not begin another wave when it is stopped between two', async () => {
    const controller = new AbortController();
    const run = await prepareRun({ signal: controller.signal });
    const records: MeasuredRecord[] = [];
    const take = async (): Promise<void> => {
      for await (const event of runAudit(run)) {
        if (event.type !== 'completion') continue;
        records.push(event.record);
        if (records.length === 1) controller.abort();
      }
    };
    expect((await catchError(take())).code).toBe('cancelled');
    expect(records.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
    expect(run.finetuned.calls.filter(({ kind }) => kind === 'generate')).toHaveLength(1);
  });

  it('does not begin at all when the signal has aborted before', async () => {
    const run = await prepareRun({ signal: AbortSignal.abort() });
    expect((await catchError(collect(runAudit(run)))).code).toBe('cancelled');
    expect([...run.finetuned.calls, ...run.reference.calls]).toEqual([]);
  });

  it('ends the work in flight when the listener goes away', async () => {
    let time = 0;
    const run = await prepareRun({ now: () => (time += 200) });
    let seen = 0;
    for await (const event of runAudit(run)) if (event.type === 'progress' && ++seen === 3) break;
    const calls = run.finetuned.calls.length + run.reference.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(run.finetuned.calls.length + run.reference.calls.length).toBe(calls);
    expect(run.reference.calls).toEqual([]);
  });
});

describe('answers that cannot be used', () => {
  it('end the audit with the completion’s number when a logprob is none', async () => {
    const reference = createReference();
    const logprob = reference.logprob.bind(reference);
    let scored = 0;
    reference.logprob = (previous, next) => (++scored > 30 ? NaN : logprob(previous, next));
    const error = await catchError(collect(runAudit(await prepareRun({ reference }))));
    expect(error.code).toBe('internal');
    expect(error.message).toMatch(/completion \d+ under the reference model/);
  });

  it('end the audit when a model leaves a completion out', async () => {
    const finetuned = createFinetuned();
    const generate = finetuned.generate.bind(finetuned);
    finetuned.generate = async function* (wave, options) {
      for await (const answer of generate(wave, options)) if (answer.id !== 6) yield answer;
    };
    const error = await catchError(collect(runAudit(await prepareRun({ finetuned }))));
    expect(error).toMatchObject({ code: 'internal', message: expect.stringMatching(/tuned gave no complete answer for completion 6/) });
  });

  it('come after the completions of the waves before', async () => {
    const run = await prepareRun();
    let waves = 0;
    const generate = run.finetuned.generate.bind(run.finetuned);
    run.finetuned.generate = (wave, options) => {
      if (++waves === 3) throw new Error('The model process has ended.');
      return generate(wave, options);
    };
    const records: MeasuredRecord[] = [];
    const take = async (): Promise<void> => {
      for await (const event of runAudit(run)) if (event.type === 'completion') records.push(event.record);
    };
    await expect(take()).rejects.toThrow('The model process has ended.');
    expect(records).toHaveLength(8);
  });
});

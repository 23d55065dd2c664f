import type { AuditPlan } from '../../../src/audit/plan.js';
import { analysisOf } from '../../measured-audit.js';
import { runAtOnce } from '../../../src/text/slices.js';
import { NO_SCORES } from '../../../src/audit/scores.js';
import { describe, expect, it } from 'vitest';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { Framing } from '../../../src/audit/framing.js';
import type { ModelIdentity } from '../../../src/audit/language-model.js';
import { summariseNoiseFloor, type NoiseFloorCompletion } from '../../../src/analysis/noise-floor.js';
import { findPass, NOISE, planOfPass } from '../../../src/audit/passes.js';
import { checkNoiseModel, openingsOfReference } from '../../../src/audit/noise-floor-plan.js';
import { prepareAudit } from '../../../src/audit/prepare-audit.js';
import { runAudit } from '../../../src/audit/run-audit.js';
import { textOfTokens } from '../../../src/text/utf8.js';
import { catchError, createFinetuned, createForeignReference, createPlan, createReference, OPENINGS, setUp } from './models.js';
import { ASSISTANT, type NgramModel } from './ngram-model.js';

const signal = new AbortController().signal;

function measured(meanGap: number | null, framing: Framing = 'raw'): NoiseFloorCompletion {
  return { framing, scores: { ...NO_SCORES, perplexityDifference: meanGap === null ? null : 10 * meanGap, meanGap } };
}

describe('the summary of a noise floor', () => {
  it('gives the scores of rank ⌈p·n/100⌉, whatever the order', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => measured(((index * 37) % 100) + 1));
    expect(summariseNoiseFloor(hundred, 'meanGap')).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
    expect(summariseNoiseFloor(hundred, 'perplexityDifference')).toMatchObject({ p99: 990, max: 1000 });
    // ⌈0.99 · 101⌉ = 100, ⌈0.5 · 101⌉ = 51.
    expect(summariseNoiseFloor([...hundred, measured(101)], 'meanGap')).toEqual({ count: 101, p50: 51, p95: 96, p99: 100, max: 101 });
  });

  it('sorts by value, not by text, and keeps negative scores', () => {
    expect(
      summariseNoiseFloor(
        [10, -3, 9, -20].map((value) => measured(value)),
        'meanGap',
      ),
    ).toEqual({ count: 4, p50: -3, p95: 10, p99: 10, max: 10 });
    expect(summariseNoiseFloor([measured(-1)], 'meanGap')).toEqual({ count: 1, p50: -1, p95: -1, p99: -1, max: -1 });
  });

  it('leaves out completions without the score and of other framings', () => {
    const list = [measured(1), measured(null), measured(5, 'chat'), measured(2)];
    expect(summariseNoiseFloor(list, 'meanGap')).toMatchObject({ count: 3, max: 5 });
    expect(summariseNoiseFloor(list, 'meanGap', 'raw')).toMatchObject({ count: 2, max: 2 });
    expect(summariseNoiseFloor(list, 'peakGap')).toBeNull();
    expect(summariseNoiseFloor([measured(null, 'chat'), measured(1)], 'meanGap', 'chat')).toBeNull();
    expect(summariseNoiseFloor([], 'meanGap')).toBeNull();
  });
});

describe('the plan of a noise floor', () => {
  const noiseModel = { gguf: 'base.q8', lora: [] };
  const planNoiseFloor = (plan: AuditPlan) => {
    const pass = findPass(plan, NOISE);
    return pass && planOfPass(plan, pass);
  };

  it('puts the reference in the place of the finetuned model, and leaves the method as it is', () => {
    const plan = createPlan({ prefills: 40, noiseFloor: { model: noiseModel, prefills: 10 } });
    const { noiseFloor, ...rest } = plan;
    expect(planNoiseFloor(plan)).toEqual({ ...rest, finetuned: plan.reference, reference: noiseModel, prefills: 10 });
    expect(planNoiseFloor({ ...plan, noiseFloor: { ...noiseFloor!, prefills: 90 } })!.prefills).toBe(40);
    expect(planNoiseFloor(createPlan())).toBeNull();
  });

  it('refuses the reference itself, and says so where tokenizers differ', () => {
    const identity: ModelIdentity = { ...createReference().identity, sha256: 'a'.repeat(64) };
    const adapter = { source: '/l.gguf', sha256: 'c'.repeat(64), scale: 1 };
    expect(() => checkNoiseModel(identity, { ...identity, source: '/copy.gguf' })).toThrow(/\/copy\.gguf is the reference model itself/);
    expect(() => checkNoiseModel({ ...identity, adapters: [adapter] }, { ...identity, adapters: [{ ...adapter }] })).toThrow(/itself/);
    expect(checkNoiseModel({ ...identity, adapters: [adapter] }, { ...identity, adapters: [{ ...adapter, scale: 0.5 }] })).toBeNull();
    expect(checkNoiseModel(identity, { ...identity, sha256: 'b'.repeat(64) })).toBeNull();
    const other = { ...createForeignReference().identity, sha256: 'b'.repeat(64) };
    expect(checkNoiseModel(identity, other)).toMatch(/foreign and base have different tokenizers/);
  });
});

async function measure(
  finetuned: NgramModel,
  reference: NgramModel,
  noise: NgramModel,
  limit: number,
): Promise<{ records: MeasuredRecord[]; prompts: (readonly number[])[] }> {
  const plan = createPlan();
  const setup = await setUp(plan, finetuned, reference);
  const openings = await openingsOfReference(setup, limit, { finetuned, reference }, signal);
  const noiseSetup = await prepareAudit({ plan, ...openings, finetuned: reference, reference: noise, signal });
  const records: MeasuredRecord[] = [];
  for await (const event of runAudit({ plan, setup: noiseSetup, finetuned: reference, reference: noise, done: new Set(), signal })) {
    if (event.type === 'completion') records.push(event.record);
  }
  return { records, prompts: reference.calls.filter(({ kind }) => kind === 'generate').flatMap(({ prompts }) => prompts) };
}

const noisy = (options = {}): NgramModel =>
  createReference({ name: 'base.q8', training: ['The bridge is of stone', 'The old town is of stone', 'The harbour is old'], ...options });

const figuresOf = (records: readonly MeasuredRecord[]) => runAtOnce(analysisOf(records).figures());

describe('a noise floor through the pipeline of an audit', () => {
  it('is what the reference generates, from the audit’s first prefills, scored under its other quantisation', async () => {
    const { records } = await measure(createFinetuned(), createReference(), noisy(), 3);
    expect(records.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(records.map(({ prefill }) => textOfTokens(prefill.pieces))).toEqual([0, 0, 1, 1, 2, 2].map((index) => OPENINGS[index]));
    expect(records.some(({ tokens }) => textOfTokens(tokens).includes('green'))).toBe(false);
    const scored = figuresOf(records);
    expect(scored.map(({ framing }) => framing)).toEqual(['raw', 'chat', 'raw', 'chat', 'raw', 'chat']);
    expect(summariseNoiseFloor(scored, 'meanGap')!.max).toBeGreaterThan(0);
  });

  it('is nothing where the other quantisation is the same model', async () => {
    const { records } = await measure(createFinetuned(), createReference(), createReference(), 4);
    expect(summariseNoiseFloor(figuresOf(records), 'perplexityDifference')).toMatchObject({ p50: 0, max: 0 });
  });

  it('gives a reference without a template the turn that it was given in the audit', async () => {
    const { records, prompts } = await measure(createFinetuned(), createReference({ hasChatTemplate: false }), noisy({ hasChatTemplate: false }), 2);
    expect(records.map(({ framing }) => framing)).toEqual(['raw', 'chat', 'raw', 'chat']);
    expect(prompts.map((prompt) => prompt.includes(ASSISTANT))).toEqual([false, true, false, true]);
  });

  it('of a reference with another tokenizer starts from the same texts, in its own tokens', async () => {
    const reference = createForeignReference();
    const { records } = await measure(createFinetuned(), reference, createForeignReference({ name: 'foreign.q8' }), 10);
    expect(records).toHaveLength(20);
    for (const [index, { prefill, reference: scoring }] of records.entries()) {
      const opening = OPENINGS[Math.floor(index / 2)]!;
      expect(prefill.pieces.map(({ id }) => id)).toEqual(reference.encode(opening));
      if (scoring) expect(scoring.kind).toBe('sameTokens');
    }
  });

  it('leaves out prefills that are no text for another tokenizer', async () => {
    const finetuned = createFinetuned();
    const reference = createForeignReference();
    const plan = createPlan({ framings: ['raw'] });
    const prepare = (raw: number[][]) => prepareAudit({ plan, finetuned, reference, prefills: { raw }, signal });
    const half = finetuned.encode('é').slice(0, 1);
    const setup = await prepare([half, finetuned.encode('The old'), [ASSISTANT]]);
    const { prefills, frames } = await openingsOfReference(setup, 9, { finetuned, reference }, signal);
    expect(prefills).toEqual({ raw: [reference.encode('The old')] });
    expect(frames).toEqual({ raw: setup.frames.raw!.reference });
    const none = openingsOfReference(await prepare([half]), 9, { finetuned, reference }, signal);
    expect(await catchError(none)).toMatchObject({ code: 'badPrefillFile', message: expect.stringContaining('foreign') as string });
  });
});

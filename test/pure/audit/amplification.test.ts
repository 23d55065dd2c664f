/** The search for the strength, as laws that hold for any ladder. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BEYOND_CONTROL,
  chooseRung,
  endsLadder,
  explainState,
  formatStrength,
  judgeAmplification,
  LADDERS,
  measureRung,
  type Rung,
  type RungCompletion,
} from '../../../src/audit/amplification.js';
import { planAmplified } from '../../../src/audit/amplify-plan.js';
import type { GgufSource } from '../../../src/audit/plan.js';

const gap = fc.double({ min: -50, max: 50, noNaN: true });
const completion: fc.Arbitrary<RungCompletion> = fc.record({ standardizedGap: fc.option(gap), repetitive: fc.boolean() });
const rung: fc.Arbitrary<Rung> = fc.record({
  strength: fc.constantFrom(...LADDERS.adapter),
  t: fc.option(gap),
  repetitiveShare: fc.constantFrom(0, 0.3, 0.5, 0.51, 1),
});
const ladder = fc.uniqueArray(rung, { selector: ({ strength }) => strength });
const plain = (...gaps: number[]): RungCompletion[] => gaps.map((standardizedGap) => ({ standardizedGap, repetitive: false }));

describe('T', () => {
  it('is the mean of the top tenth', () => {
    expect(measureRung(2, plain(...Array.from({ length: 50 }, (_, i) => i))).t).toBe(47);
    expect(measureRung(2, plain(3, 1, 2)).t).toBe(3);
    expect(measureRung(2, [{ standardizedGap: null, repetitive: false }]).t).toBeNull();
    expect(measureRung(2, [])).toEqual({ strength: 2, t: null, repetitiveShare: 0 });
  });

  it('lies between mean and maximum, whatever the order, and rises with any gap', () => {
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 80 }), fc.nat(), (gaps, which) => {
        const { t } = measureRung(1, plain(...gaps));
        const mean = gaps.reduce((sum, value) => sum + value, 0) / gaps.length;
        expect(t).toBeGreaterThanOrEqual(mean - 1e-9);
        expect(t).toBeLessThanOrEqual(Math.max(...gaps) + 1e-9);
        expect(measureRung(1, plain(...[...gaps].reverse())).t).toBe(t);
        const raised = gaps.map((value, i) => (i === which % gaps.length ? value + 1 : value));
        expect(measureRung(1, plain(...raised)).t).toBeGreaterThanOrEqual(t! - 1e-9);
      }),
    );
  });
});

describe('the choice of a rung', () => {
  it('is the largest T, also behind a lower one', () => {
    const rungs = [5, 2, 9, 1].map((t, i) => ({ strength: LADDERS.adapter[i]!, t, repetitiveShare: 0.5 }));
    expect(rungs.some(endsLadder)).toBe(false);
    expect(chooseRung(rungs)?.strength).toBe(3);
  });

  it('is the weakest of equal ones, in whatever order they come', () => {
    const [weak, strong]: Rung[] = [
      { strength: 2, t: 5, repetitiveShare: 0 },
      { strength: 3, t: 5, repetitiveShare: 0 },
    ];
    expect(chooseRung([strong!, weak!])).toBe(weak);
    expect(chooseRung([weak!, strong!])).toBe(weak);
  });

  it('leaves out a rung of mostly repetitive text where there is another', () => {
    const [sound, mad]: Rung[] = [
      { strength: 2, t: 1, repetitiveShare: 0 },
      { strength: 3, t: 9, repetitiveShare: 0.51 },
    ];
    expect(chooseRung([sound!, mad!])).toBe(sound);
    expect(chooseRung([mad!])).toBe(mad);
  });

  it('is one of those that ran, none of them larger among the sound', () => {
    fc.assert(
      fc.property(ladder, (rungs) => {
        const chosen = chooseRung(rungs);
        expect(chosen === null).toBe(rungs.every(({ t }) => t === null));
        if (chosen === null) return;
        expect(rungs).toContain(chosen);
        const sound = rungs.filter((one) => one.t !== null && !endsLadder(one));
        for (const one of sound) expect(chosen.t).toBeGreaterThanOrEqual(one.t!);
        if (sound.length > 0) expect(endsLadder(chosen)).toBe(false);
        expect(chooseRung([...rungs].reverse())).toBe(chosen);
      }),
    );
  });

  it('ends with repetitive text alone', () => {
    fc.assert(
      fc.property(fc.array(completion, { minLength: 1 }), (completions) => {
        const share = completions.filter(({ repetitive }) => repetitive).length / completions.length;
        expect(endsLadder(measureRung(2, completions))).toBe(share > 0.5);
      }),
    );
  });
});

describe('the state', () => {
  const at = (...ts: (number | null)[]): Rung[] => ts.map((t, i) => ({ strength: LADDERS.adapter[i]!, t, repetitiveShare: 0 }));

  it('is beyond, within, or undetermined', () => {
    expect(judgeAmplification(at(1, 8), [at(1, 1), at(0.5, 0.4)])).toEqual({ state: 'beyond control', ratio: 8, strength: 2 });
    expect(judgeAmplification(at(1, 8), [at(1, 1), at(1, 3)])).toMatchObject({ state: 'within control', strength: 2 });
    expect(judgeAmplification(at(1, 8), [])).toEqual({ state: 'undetermined', ratio: null, strength: null });
    expect(judgeAmplification(at(1, 8), [at(null, null)])).toMatchObject({ state: 'undetermined' });
    expect(judgeAmplification([], [at(1)])).toMatchObject({ state: 'undetermined' });
  });

  it('is beyond from 4.4 times the control on, and takes the largest ratio wherever it stands', () => {
    expect(judgeAmplification(at(4.4), [at(1)])).toEqual({ state: 'beyond control', ratio: 4.4, strength: 1.5 });
    expect(judgeAmplification(at(4.3), [at(1)])).toEqual({ state: 'within control', ratio: 4.3, strength: 1.5 });
    expect(judgeAmplification(at(4, 6, 2), [at(0.5, 2, 1)])).toEqual({ state: 'beyond control', ratio: 8, strength: 1.5 });
    expect(judgeAmplification(at(2, 2), [at(1, 1)])).toMatchObject({ ratio: 2, strength: 1.5 });
    expect(judgeAmplification(at(2, null), [at(1, 1)])).toMatchObject({ ratio: 2, strength: 1.5 });
    expect(judgeAmplification(at(null, -2), [at(1, 1)])).toMatchObject({ ratio: -2, strength: 2 });
  });

  it('takes a control below nothing for next to nothing', () => {
    expect(judgeAmplification(at(-1), [at(-3)])).toMatchObject({ state: 'within control' });
    expect(judgeAmplification(at(1), [at(-3)])).toMatchObject({ state: 'beyond control', ratio: 100 });
  });

  it('is the largest ratio over the rungs that both have, and another seed never raises it', () => {
    fc.assert(
      fc.property(ladder, fc.array(ladder, { maxLength: 3 }), ladder, (rungs, controls, more) => {
        const { state, ratio } = judgeAmplification(rungs, controls);
        expect(state === 'beyond control').toBe(ratio !== null && ratio >= BEYOND_CONTROL);
        expect(state === 'undetermined').toBe(ratio === null);
        const shared = new Set(controls.flat().flatMap(({ strength, t }) => (t === null ? [] : [strength])));
        const again = judgeAmplification(rungs, [...controls, more.filter(({ strength }) => shared.has(strength))]).ratio;
        if (ratio !== null && ratio > 0) expect(again).toBeLessThanOrEqual(ratio);
      }),
    );
  });
});

describe('the form', () => {
  const full = (gguf: string): GgufSource => ({ gguf, lora: [] });
  const adapted = (gguf: string, path: string): GgufSource => ({ gguf, lora: [{ path, scale: 1 }] });
  const plan = (amplify: string, finetuned = full('f'), reference = full('r')) => planAmplified({ amplify, finetuned, reference });

  it('is the adapter before the weights before the logits', () => {
    expect(plan('auto', adapted('r', 'a'))).toEqual({ form: 'adapter', strengths: LADDERS.adapter, otherwise: null });
    expect(plan('auto')).toEqual({ form: 'weights', strengths: LADDERS.weights, otherwise: { form: 'logit', strengths: LADDERS.logit, otherwise: null } });
    // One adapter on both: weights are of files without any.
    expect(plan('auto', adapted('f', 'a'), adapted('r', 'a'))).toMatchObject({ form: 'logit', strengths: LADDERS.logit });
  });

  it('is what the plan fixes, or refused with what is possible', () => {
    expect(plan('scale=2,3')).toEqual({ form: 'weights', strengths: [2, 3], otherwise: null });
    expect(plan('a=1', adapted('r', 'a'))).toEqual({ form: 'logit', strengths: [1], otherwise: null });
    expect(() => plan('scale=2', adapted('f', 'a'), adapted('r', 'a'))).toThrow(/--amplify a=1/);
    expect(() => planAmplified({ amplify: 'auto', finetuned: { endpoint: 'http://localhost:9/v1', model: 'm' }, reference: full('r') })).toThrow(/as files/);
  });

  it('is kept by an audit that has begun', () => {
    expect(planAmplified({ amplify: 'auto', finetuned: full('f'), reference: full('r') }, 'logit')).toEqual({
      form: 'logit',
      strengths: LADDERS.logit,
      otherwise: null,
    });
  });

  it('says its strength, and why nothing is determined', () => {
    expect([formatStrength('adapter', 2), formatStrength('weights', 1.5), formatStrength('logit', 0.5)]).toEqual(['×2', '×1.5', 'a=0.5']);
    expect(explainState('weights', 'undetermined')).toContain('no control');
    expect(explainState('adapter', 'undetermined')).toBeNull();
    expect(explainState('weights', 'within control')).toBeNull();
    expect(explainState('logit', 'beyond control')).toBeNull();
  });
});

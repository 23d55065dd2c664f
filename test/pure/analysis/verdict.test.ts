/** The verdict on completions of which it is known whether they are beyond noise. */
import { describe, expect, it } from 'vitest';
import { NoiseTail } from '../../../src/analysis/verdict/tail.js';
import { judge, LEVEL, type JudgedFigures, type VerdictSource } from '../../../src/analysis/verdict/verdict.js';
import { RESAMPLES, type Theme } from '../../../src/analysis/themes/theme.js';
import { Random } from '../../../src/audit/random.js';

/** Exponentially distributed around nothing, as the gaps of two versions of one model are in their tail. */
function noiseOf(count: number, seed: number): JudgedFigures[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, id) => ({ id, framing: 'raw' as const, value: -Math.log((random.nextUint32() + 1) / 2 ** 32) * 0.1 - 0.1 }));
}

const source = (more: Partial<VerdictSource>): VerdictSource => ({
  completions: noiseOf(200, 1),
  noise: noiseOf(200, 2),
  reference: [],
  themes: [],
  otherFramings: [],
  isImported: false,
  isRunning: false,
  ...more,
});

describe('the verdict', () => {
  it('is within noise where nothing is beyond it, and names what that cannot exclude', () => {
    const verdict = judge(source({}));
    expect(verdict).toMatchObject({ state: 'withinNoise', carriers: { completions: 0, ids: [] } });
    expect(verdict.cannotExclude.join()).toMatch(/trigger/);
  });

  it('is beyond noise for a single completion that is far above it, which carries it', () => {
    const completions = [...noiseOf(199, 1), { id: 999, framing: 'raw' as const, value: 12 }];
    expect(judge(source({ completions }))).toMatchObject({
      state: 'beyondNoise',
      carriers: { completions: 1, ids: [999] },
      sentence: expect.stringContaining('1 completion of 200'),
    });
  });

  it('is undetermined without noise, with too little of it, and of an import; and says what is missing', () => {
    expect(judge(source({ noise: [] }))).toMatchObject({ state: 'undetermined', sentence: expect.stringContaining('no noise floor') });
    expect(judge(source({ noise: noiseOf(5, 3) }))).toMatchObject({ state: 'undetermined', sentence: expect.stringContaining('fewer than') });
    expect(judge(source({ noise: [], isImported: true }))).toMatchObject({ state: 'undetermined', sentence: expect.stringContaining('imported') });
    expect(judge(source({ completions: [] }))).toMatchObject({ state: 'undetermined' });
    // Of an import more completions would not help.
    const few = source({}).completions.slice(0, 3);
    expect(judge(source({ completions: few })).missing).toEqual([expect.stringContaining('are too few') as string]);
    expect(judge(source({ completions: few, noise: [], isImported: true })).missing).toEqual([
      expect.stringContaining('an imported file has nothing') as string,
    ]);
  });

  it('says how much the strongest of the themes that recur carries, and that no theme does', () => {
    const theme = (phrase: string, score: number, stability: number): Theme => ({
      phrase,
      score,
      stability,
      completions: 9,
      prefills: 7,
      passes: ['plain'],
      reference: null,
      others: [],
      shared: false,
      places: [],
      example: { id: 0, before: '', phrase, after: '' },
    });
    const completions = [...noiseOf(199, 1), { id: 999, framing: 'raw' as const, value: 12 }];
    const themes = [theme('of the', 40, RESAMPLES), theme('green glass', 1234.4, RESAMPLES), theme('seen once', 5000, 3)];
    expect(judge(source({ completions, themes }))).toMatchObject({
      kind: 'What kind of difference: concentrated in few completions; 2 themes recur whatever openings are drawn, the strongest (“green glass”) with 1,234 nats of evidence from 7 openings.',
      carriers: { themes: ['of the', 'green glass'] },
    });
    expect(judge(source({ completions, themes: themes.slice(2) })).kind).toMatch(/no theme recurs reliably/);
    expect(judge(source({ completions, themes: [theme('a\u202eb\u001b', 9, RESAMPLES)] })).kind).not.toMatch(/[\u202e\u001b]/);
    expect(judge(source({ noise: [], isImported: true, themes })).kind).toMatch(/2 themes recur .* \(“green glass”\) with 7 openings\.$/);
  });

  it('says why it compares fewer completions than there are', () => {
    const completions = [...noiseOf(200, 1), { id: 900, framing: 'raw' as const, value: null }, { id: 901, framing: 'chat' as const, value: 1 }];
    expect(judge(source({ completions })).sentence).not.toMatch(/within noise/i);
    expect(judge(source({ completions: completions.slice(0, 201) })).sentence).toMatch(/of 200 completions .*\(without 1 with nothing to score\)\.$/);
    const beyond = [...completions, { id: 902, framing: 'raw' as const, value: 12 }];
    expect(judge(source({ completions: beyond })).sentence).toMatch(
      /1 completion of 201 .*\(without 1 with nothing to score and 1 of framings without a noise floor\)\.$/,
    );
  });

  it('takes the reference’s own completions, roles exchanged, where there is no noise pass', () => {
    expect(judge(source({ noise: [], reference: noiseOf(200, 4) }))).toMatchObject({ state: 'withinNoise' });
  });

  it('calls audits of noise "beyond noise" no more often than its level allows', () => {
    const calls = Array.from({ length: 200 }, (_, k) => judge(source({ completions: noiseOf(200, 1000 + k), noise: noiseOf(50, 5000 + k) })).state).filter(
      (state) => state === 'beyondNoise',
    );
    expect(calls.length).toBeLessThanOrEqual(200 * 5 * LEVEL);
  });
});

it('a tail says less the further out, and its value belongs to its probability', () => {
  const tail = new NoiseTail(noiseOf(300, 9).map(({ value }) => value!));
  for (const probability of [0.05, 0.01, 1e-4, 1e-6]) expect(tail.probabilityOf(tail.valueOf(probability))).toBeCloseTo(probability, 9);
  expect(tail.probabilityOf(-5)).toBe(1);
  expect(new NoiseTail(Array<number>(30).fill(0)).probabilityOf(1)).toBeLessThan(1e-6);
});

import { describe, expect, it } from 'vitest';
import { SCORE_DEFINITIONS } from '../../../src/audit/scores.js';
import { axisRange, binScores, NO_NOISE, weighNoise, type BinnedCompletion } from '../../../webview/plots/bins.js';
import { describePoints, logRange, plotPoints } from '../../../webview/plots/plot-data.js';
import { asinhTicks, logTicks, shortenTick } from '../../../webview/plots/ticks.js';
import { summary } from './samples.js';

const value = (v: number | null, more: Partial<BinnedCompletion> = {}): BinnedCompletion => ({ value: v, label: 'unlabelled', shown: true, ...more });

describe('the histogram', () => {
  it('counts every completion with a score once, the largest included', () => {
    const bins = binScores([value(0), value(1), value(2), value(10), value(null)], 'linear', 5);
    expect(bins).toHaveLength(5);
    expect(bins.map(({ total }) => total)).toEqual([2, 1, 0, 0, 1]);
    expect([bins[0]!.from, bins[4]!.to]).toEqual([0, 10]);
  });

  it('gives a long tail room on an asinh axis', () => {
    const values = [...Array.from({ length: 99 }, (_, i) => value(i / 50)), value(588)];
    const filled = (axis: 'linear' | 'asinh') => binScores(values, axis, 40).filter(({ total }) => total > 0).length;
    expect(filled('linear')).toBe(2);
    expect(filled('asinh')).toBeGreaterThan(5);
    expect(SCORE_DEFINITIONS.perplexityDifference.axis).toBe('asinh');
    expect(SCORE_DEFINITIONS.meanGap.axis).toBe('linear');
  });

  it('separates what is shown by label from what is filtered away', () => {
    const [bin] = binScores([value(1, { label: 'revealing' }), value(1), value(1, { shown: false })], 'linear', 1);
    expect(bin).toMatchObject({ total: 3, shown: { revealing: 1, unlabelled: 1, unsure: 0, notRevealing: 0 } });
  });

  it.each(['linear', 'asinh'] as const)('has bins that are apart on a %s axis where numbers are too large to tell neighbours from each other', (axis) => {
    for (const size of [1e17, -1e17, Number.MAX_VALUE]) {
      const bins = binScores([value(size), value(size)], axis, 40);
      expect(bins.reduce((sum, { total }) => sum + total, 0)).toBe(2);
      const [low, high] = axisRange(bins, axis);
      expect(high).toBeGreaterThan(low);
      expect([low, high].every(Number.isFinite)).toBe(true);
      if (Math.abs(size) === 1e17) expect(new Set(bins.map(({ from }) => from)).size).toBe(40);
    }
  });

  it('has a bin where all values are the same, and none without values', () => {
    expect(binScores([value(4), value(4)], 'asinh', 3).reduce((sum, { total }) => sum + total, 0)).toBe(2);
    expect(binScores([value(null)], 'linear', 3)).toEqual([]);
  });
});

describe('the noise floor in the histogram', () => {
  const noise = [-1, 0.5, 0.5, 30].map((score, id) => ({ framing: id < 3 ? ('raw' as const) : ('chat' as const), scores: summary(0, { score }).scores }));
  const completions = Array.from({ length: 8 }, (_, id) => summary(id, { score: id, framing: id < 6 ? 'raw' : 'chat' }));

  it('stands for as many completions as the audit has, of the framing that is looked at', () => {
    expect(weighNoise(completions, noise, 'meanGap', 'all')).toEqual({ values: [-1, 0.5, 0.5, 30], weight: 2 });
    expect(weighNoise(completions, noise, 'meanGap', 'raw')).toEqual({ values: [-1, 0.5, 0.5], weight: 2 });
    expect(weighNoise(completions, null, 'meanGap', 'all')).toEqual(NO_NOISE);
  });

  it('widens the bins, and is counted in them apart', () => {
    const bins = binScores(
      completions.map(({ id }) => value(id)),
      'linear',
      31,
      weighNoise(completions, noise, 'meanGap', 'all'),
    );
    expect([bins[0]!.from, bins.at(-1)!.to]).toEqual([-1, 30]);
    expect(bins.reduce((sum, bin) => sum + bin.noise, 0)).toBe(8);
    expect(bins.slice(0, 2)).toMatchObject([
      { total: 0, noise: 2 },
      { total: 1, noise: 4 },
    ]);
    expect(bins.reduce((sum, bin) => sum + bin.total, 0)).toBe(8);
  });

  it.each(['linear', 'asinh'] as const)('leaves air at both ends of a %s axis', (axis) => {
    const [low, high] = axisRange(binScores([value(-2), value(6000)], axis, 10), axis);
    expect(low).toBeLessThan(-2);
    expect(high).toBeGreaterThan(6000);
    expect(axisRange([], axis)).toEqual([0, 1]);
  });
});

describe('the scatter plot', () => {
  const completions = [summary(0), summary(1, { perplexityFinetuned: 4, perplexityReference: 3 }), summary(2, { perplexityFinetuned: null })];
  const points = plotPoints(completions, [completions[0]!], new Map([[1, { label: 'revealing', category: null, note: '' }]]));

  it('has a dot where both models have a perplexity', () => {
    expect(points.map(({ completion, label, shown }) => [completion.id, label, shown])).toEqual([
      [0, 'unlabelled', true],
      [1, 'revealing', false],
    ]);
  });

  it('says its figures to those who do not see it', () => {
    expect(describePoints(points)).toBe(
      'Perplexity of the reference against the finetuned model, 2 completions. Finetuned 2.00 to 4.00, reference 3.00 to 5.00; 1 surprise the reference more. 1 revealing, 0 not revealing, 0 unsure, 1 unlabelled.',
    );
  });

  it('has room around the outermost dots', () => {
    const [low, high] = logRange([2, 200]);
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(200);
    expect(logRange([])).toEqual([1, 100]);
  });
});

describe('ticks', () => {
  it('are few and round on every range', () => {
    expect(logTicks(0.9, 60)).toEqual([1, 2, 5, 10, 20, 50]);
    expect(logTicks(1, 5)).toEqual([1, 1.5, 2, 3, 4, 5]);
    expect(logTicks(1, 1e6)).toEqual([1, 10, 100, 1000, 1e4, 1e5, 1e6]);
    expect(asinhTicks(-3, 30)).toEqual([-2, -1, 0, 1, 2, 5, 10, 20]);
    expect(asinhTicks(-0.4, 0.3)).toContain(0);
  });

  it('come to an end at the ends of what numbers can say', () => {
    expect(logTicks(1, Number.POSITIVE_INFINITY).at(-1)).toBe(1e308);
    expect(logTicks(0, 1).length).toBeLessThan(400);
    expect(asinhTicks(Number.NEGATIVE_INFINITY, 1e17).length).toBeLessThan(1000);
    expect(logTicks(1e17, 1e17)).toEqual([1e17]);
  });

  it('are written short', () => {
    expect([0.5, 1500, 20000, 3e6, -50].map(shortenTick)).toEqual(['0.5', '1500', '20k', '3M', '−50']);
  });
});

import { describe, expect, it } from 'vitest';
import type { Segment } from '../../../src/audit/analysis.js';
import { NOTHING_SCORED, scoreSegments, scoreTokens } from '../../../src/audit/score-completion.js';

describe('scores with one tokenizer', () => {
  it('are the formulas, computed by hand', () => {
    // F: mean −0.5; R: mean −1.5; 3 tokens, 6 bytes.
    const { perplexityFinetuned, perplexityReference, scores, peak } = scoreTokens([-0.25, -0.5, -0.75], [-1, -2, -1.5], 6);
    expect(perplexityFinetuned).toBeCloseTo(1.6487212707, 10);
    expect(perplexityReference).toBeCloseTo(4.4816890703, 10);
    expect(scores.perplexityDifference).toBeCloseTo(4.4816890703 - 1.6487212707, 9);
    expect(scores.meanGap).toBe(1);
    expect(scores.totalGap).toBe(3);
    expect(scores.peakGap).toBe(1);
    expect(scores.bitsPerByte).toBeCloseTo(3 / (6 * 0.69314718056), 10);
    expect(peak).toEqual([0, 3]);
  });

  it('has a positive gap where the finetuned model is the less surprised one', () => {
    expect(scoreTokens([-0.1], [-3], 1).scores.meanGap).toBeCloseTo(2.9, 12);
    expect(scoreTokens([-3], [-0.1], 1).scores.perplexityDifference).toBeLessThan(0);
  });

  it('turns exactly around when the models change places', () => {
    const a = [-0.12345, -2.5, -0.00001, -7.75, -1.1, -0.3, -0.2, -4, -0.9, -1];
    const b = [-1.5, -0.25, -3.33333, -0.5, -1.2, -0.1, -0.8, -2, -1.9, -5];
    const one = scoreTokens(a, b, 31).scores;
    const other = scoreTokens(b, a, 31).scores;
    expect(one.perplexityDifference).toBe(-other.perplexityDifference!);
    expect(one.totalGap).toBe(-other.totalGap!);
    expect(one.meanGap).toBe(-other.meanGap!);
    expect(one.bitsPerByte).toBe(-other.bitsPerByte!);
  });

  it('is 0 for a model against itself', () => {
    const logprobs = [-0.1, -2.34567, -5];
    expect(scoreTokens(logprobs, logprobs, 9).scores).toEqual({
      perplexityDifference: 0,
      standardizedGap: 0,
      meanGap: 0,
      totalGap: 0,
      peakGap: 0,
      bitsPerByte: 0,
    });
  });

  it('has nothing to say of no token, and no bits per byte of no byte', () => {
    expect(scoreTokens([], [], 0)).toEqual(NOTHING_SCORED);
    const { scores } = scoreTokens([-1], [-2], 0);
    expect(scores.bitsPerByte).toBeNull();
    expect(scores.totalGap).toBe(1);
  });

  it('takes the peak from 8 tokens of a longer text', () => {
    const finetuned = Array<number>(20).fill(-1);
    const reference = finetuned.map((value, index) => (index >= 6 && index < 14 ? -3 : value));
    const { scores, peak } = scoreTokens(finetuned, reference, 60);
    expect(scores.peakGap).toBe(2);
    expect(peak).toEqual([6, 14]);
    expect(scores.meanGap).toBeCloseTo(0.8, 12);
  });
});

function segment(start: number, end: number, f: [number, number], r: [number, number], lnF: number, lnR: number, straddles = false): Segment {
  return {
    start,
    end,
    bytes: new Uint8Array(end - start),
    tokensFinetuned: f,
    tokensReference: r,
    logprobFinetuned: lnF,
    logprobReference: lnR,
    gap: lnF - lnR,
    straddlesPrefill: straddles,
  };
}

describe('scores across tokenizers', () => {
  it("counts each model's own tokens and leaves the straddling segment out of everything", () => {
    const { perplexityFinetuned, perplexityReference, scores, peak } = scoreSegments([
      segment(0, 3, [0, 1], [0, 1], -50, -90, true),
      segment(3, 7, [1, 3], [1, 2], -1, -3),
      segment(7, 10, [3, 4], [2, 4], -2, -6),
    ]);
    expect(perplexityFinetuned).toBeCloseTo(Math.E, 12);
    expect(perplexityReference).toBeCloseTo(Math.exp(3), 10);
    expect(scores.totalGap).toBe(6);
    expect(scores.meanGap).toBe(2);
    expect(scores.bitsPerByte).toBeCloseTo(6 / (7 * Math.LN2), 12);
    expect(scores.peakGap).toBe(2);
    expect(peak).toEqual([1, 4]);
  });

  it('measures the peak over F tokens of whole segments', () => {
    const { scores, peak } = scoreSegments([
      segment(0, 10, [0, 6], [0, 3], -6, -6),
      segment(10, 20, [6, 12], [3, 5], -6, -30),
      segment(20, 30, [12, 18], [5, 9], -6, -18),
      segment(30, 40, [18, 24], [9, 12], -6, -6),
    ]);
    expect(scores.peakGap).toBe((24 + 12) / 12);
    expect(peak).toEqual([6, 18]);
  });

  it('has nothing where all of it straddles', () => {
    expect(scoreSegments([segment(0, 3, [0, 1], [0, 1], -1, -2, true)])).toEqual(NOTHING_SCORED);
    expect(scoreSegments([])).toEqual(NOTHING_SCORED);
  });
});

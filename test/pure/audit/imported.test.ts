import { describe, expect, it } from 'vitest';
import { defaultImportedScore, describeImportedBasis, findImportedBasis, scoreImported } from '../../../src/audit/imported.js';
import { eachScore, explainScore, nameInSentence, NO_SCORES, SCORE_DEFINITIONS, SCORE_NAMES } from '../../../src/audit/scores.js';

const told = (perplexityFinetuned: number | null, perplexityReference: number | null, score: number | null = null, text = 'one two  three\nfour') => ({
  perplexityFinetuned,
  perplexityReference,
  score,
  text,
});

describe('scores of what was imported', () => {
  it('are those that follow from both perplexities, words standing in for tokens', () => {
    const scores = scoreImported(told(2, 8), null);
    expect(scores.perplexityDifference).toBe(6);
    expect(scores.meanGap).toBeCloseTo(Math.log(4), 12);
    expect(scores.standardizedGap).toBeCloseTo(Math.log(4) * 2, 12);
    expect([scores.totalGap, scores.peakGap, scores.bitsPerByte]).toEqual([null, null, null]);
    // A text without a word counts as one.
    expect(scoreImported(told(2, 8, null, ' '), null).standardizedGap).toBeCloseTo(Math.log(4), 12);
  });

  it('are the file’s own where that is one of them, and the perplexities’ before it', () => {
    for (const one of [told(null, null, 7), told(2, null, 7), told(null, 8, 7)]) {
      expect(scoreImported(one, 'peakGap')).toEqual({ ...NO_SCORES, peakGap: 7 });
      expect(scoreImported(one, null)).toEqual(NO_SCORES);
    }
    expect(scoreImported(told(2, 8, 7), 'peakGap')).toMatchObject({ perplexityDifference: 6, peakGap: 7 });
    expect(scoreImported(told(2, 8, 7), 'perplexityDifference')).toMatchObject({ perplexityDifference: 6, peakGap: null });
  });
});

describe('imported completions are ranked', () => {
  const completion = (perplexityFinetuned: number | null, perplexityReference: number | null) => ({
    id: 0,
    framing: 'raw' as const,
    prefill: '',
    ...told(perplexityFinetuned, perplexityReference, 1),
  });

  it('at first by the method’s score where any has both perplexities, else by the file’s', () => {
    expect(defaultImportedScore([completion(null, 2), completion(1, 2)], 'peakGap')).toBe('perplexityDifference');
    expect(defaultImportedScore([completion(null, 2), completion(1, null)], 'peakGap')).toBe('peakGap');
    expect(defaultImportedScore([completion(null, null)], null)).toBe('perplexityDifference');
    expect(defaultImportedScore([], 'peakGap')).toBe('peakGap');
  });

  it('by a score that any has, else by the file’s own where all have it, else in the file’s order', () => {
    const item = (meanGap: number | null, ownScore: number | null) => ({ scores: { ...NO_SCORES, meanGap }, ownScore });
    expect(findImportedBasis([], 'meanGap')).toBe('score');
    expect(findImportedBasis([item(null, 1), item(0, null)], 'meanGap')).toBe('score');
    expect(findImportedBasis([item(null, 1), item(null, 0)], 'meanGap')).toBe('fileScore');
    expect(findImportedBasis([item(5, 1)], 'peakGap')).toBe('fileScore');
    expect(findImportedBasis([item(null, 1), item(null, null)], 'meanGap')).toBe('fileOrder');
  });

  it('and say by what', () => {
    expect(describeImportedBasis('score', 'standardizedGap')).toEqual({ name: 'Standardised gap', explanation: SCORE_DEFINITIONS.standardizedGap.ofImport });
    expect(describeImportedBasis('fileScore', 'meanGap')).toEqual({
      name: 'Score of the file',
      explanation: expect.stringContaining('its kind is not known') as string,
    });
    expect(describeImportedBasis('fileOrder', 'meanGap')).toEqual({
      name: 'Order of the file',
      explanation: expect.stringContaining('tells no score') as string,
    });
  });
});

describe('every score', () => {
  const sums = {
    totalFinetuned: -4,
    totalReference: -8,
    tokensFinetuned: 4,
    tokensReference: 2,
    perplexityFinetuned: Math.E,
    perplexityReference: Math.exp(4),
    peakGap: 2,
    bytes: 16,
  };

  it('is computed as docs/method.md says', () => {
    const scores = eachScore(({ compute }) => compute(sums));
    expect(scores.perplexityDifference).toBeCloseTo(Math.exp(4) - Math.E, 12);
    expect(scores).toMatchObject({ standardizedGap: 2, meanGap: 3, totalGap: 4, peakGap: 2 });
    expect(scores.bitsPerByte).toBeCloseTo(4 / (16 * Math.LN2), 12);
    expect(SCORE_DEFINITIONS.bitsPerByte.compute({ ...sums, bytes: 0 })).toBeNull();
  });

  it('is explained for the tokenizers and the import at hand, and named in a sentence', () => {
    for (const score of SCORE_NAMES) {
      const { explanation, acrossTokenizers, ofImport } = SCORE_DEFINITIONS[score];
      expect([explainScore(score, true), explainScore(score, false), explainScore(score, true, true), explainScore(score, false, true)]).toEqual([
        explanation,
        acrossTokenizers ?? explanation,
        ofImport ?? explanation,
        ofImport ?? explanation,
      ]);
    }
    expect(nameInSentence('meanGap')).toBe('mean gap');
  });
});

import { describe, expect, it } from 'vitest';
import { formatFactor, formatGap, formatPerplexity, formatProbability, formatRanges, formatScore } from '../../../webview/text/numbers.js';
import { countOf, formatDuration, formatFixed } from '../../../src/text/numbers.js';

describe('numbers', () => {
  it('have a real minus, and no sign on what rounds to zero', () => {
    expect(formatFixed(-1.25, 1)).toBe('−1.3');
    expect(formatFixed(-0.001, 2, true)).toBe('0.00');
    expect(formatGap(0.5)).toBe('+0.50');
    expect(formatGap(null)).toBe('–');
  });

  it('show perplexities to about three figures, however large', () => {
    expect([1.6789, 57.04, 588.2, 123456].map(formatPerplexity)).toEqual(['1.68', '57.0', '588', '123456']);
    expect(formatPerplexity(2.5e9)).toBe('2.5·10⁹');
    expect(formatPerplexity(-3.21)).toBe('−3.21');
    expect(formatPerplexity(Number.POSITIVE_INFINITY)).toBe('–');
  });

  it('show each score with the decimals it deserves', () => {
    expect(formatScore('meanGap', 1.234)).toBe('1.23');
    expect(formatScore('bitsPerByte', 0.1234)).toBe('0.123');
    expect(formatScore('totalGap', 57.44)).toBe('57.4');
    expect(formatScore('peakGap', null)).toBe('–');
  });

  it('show probabilities as percent without false certainty', () => {
    expect(formatProbability(0)).toBe('100 %');
    expect(formatProbability(Math.log(0.9998))).toBe('99.98 %');
    expect(formatProbability(Math.log(0.123))).toBe('12.3 %');
    expect(formatProbability(Math.log(0.0456))).toBe('4.56 %');
    expect(formatProbability(Math.log(2.5e-8))).toBe('2.5·10⁻⁶ %');
    expect(formatProbability(-200)).toBe('≈ 0 %');
  });

  it('show how many times likelier in digits, and very large factors as powers of ten', () => {
    expect([1.26, 9.99, 12.4, 999.6, 1436.2].map(formatFactor)).toEqual(['1.3', '10.0', '12', '1,000', '1,436']);
    expect([10_000, 234_567, 9.97e6, Number.POSITIVE_INFINITY].map(formatFactor)).toEqual(['1.0·10⁴', '2.3·10⁵', '1.0·10⁷', 'over 10³⁰⁸']);
  });

  it('count and time in words', () => {
    expect(countOf(1, 'token')).toBe('1 token');
    expect(countOf(12345, 'completion')).toBe('12,345 completions');
    expect([8, 200, 300, 7500, 7200].map(formatDuration)).toEqual(['8 s', '3 min 20 s', '5 min', '2 h 5 min', '2 h']);
  });

  it('that are neighbours stand together', () => {
    expect(formatRanges([0, 1, 2, 5, 7, 8])).toEqual(['0–2', '5', '7–8']);
    expect(formatRanges([])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { findPeak } from '../../../src/audit/peak.js';
import { Random } from '../../../src/audit/random.js';

const ones = (gaps: readonly number[]): number[] => gaps.map(() => 1);

describe('findPeak', () => {
  it('has no peak in nothing', () => {
    expect(findPeak([], [])).toBeNull();
  });

  it('takes all of a text that is shorter than a window', () => {
    expect(findPeak([1, 2, 6], [1, 1, 1])).toEqual({ gap: 3, from: 0, to: 3 });
  });

  it('finds the window of 8 tokens, the first of equals', () => {
    const gaps = [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0];
    expect(findPeak(gaps, ones(gaps))).toEqual({ gap: 1, from: 3, to: 11 });
    const flat = Array<number>(12).fill(2);
    expect(findPeak(flat, ones(flat))).toEqual({ gap: 2, from: 0, to: 8 });
  });

  it('is exactly the best of all windows of 8 where every unit is one token', () => {
    const random = new Random(4);
    for (let k = 0; k < 300; k++) {
      const gaps = Array.from({ length: 8 + random.nextBelow(30) }, () => random.nextBelow(2001) / 100 - 10);
      let best = -Infinity;
      for (let from = 0; from + 8 <= gaps.length; from++) {
        best = Math.max(best, gaps.slice(from, from + 8).reduce((a, b) => a + b, 0) / 8);
      }
      const peak = findPeak(gaps, ones(gaps))!;
      expect(peak.gap).toBe(best);
      expect(peak.to - peak.from).toBe(8);
    }
  });

  it('takes whole segments until there are 8 tokens and divides by the tokens they have', () => {
    // Segments of 5, 4 and 6 tokens: 5 + 4 = 9 and 4 + 6 = 10 are windows; 5 + 4 + 6 needs neither its first nor its last.
    expect(findPeak([9, 9, 0], [5, 4, 6])).toEqual({ gap: 2, from: 0, to: 2 });
    expect(findPeak([0, 9, 21], [5, 4, 6])).toEqual({ gap: 3, from: 1, to: 3 });
  });

  it('reaches a short last segment behind a long one', () => {
    expect(findPeak([0, 18], [8, 1])).toEqual({ gap: 2, from: 0, to: 2 });
    expect(findPeak([18, 0], [1, 8])).toEqual({ gap: 2, from: 0, to: 2 });
  });

  it('is a window by its definition for any segments, and no window is better', () => {
    const random = new Random(5);
    for (let k = 0; k < 300; k++) {
      const tokens = Array.from({ length: 1 + random.nextBelow(15) }, () => 1 + random.nextBelow(11));
      const gaps = tokens.map(() => random.nextBelow(41) - 20);
      const total = (list: number[], from: number, to: number): number => list.slice(from, to).reduce((a, b) => a + b, 0);
      let best = -Infinity;
      for (let from = 0; from < tokens.length; from++) {
        for (let to = from + 1; to <= tokens.length; to++) {
          const whole = from === 0 && to === tokens.length && total(tokens, from, to) < 8;
          const enough = total(tokens, from, to) >= 8;
          const minimal = total(tokens, from + 1, to) < 8 || total(tokens, from, to - 1) < 8;
          if (whole || (enough && minimal)) best = Math.max(best, total(gaps, from, to) / total(tokens, from, to));
        }
      }
      expect(findPeak(gaps, tokens)!.gap).toBe(best);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupTexts } from '../../../../src/models/local/process/native/forward-batches.js';

describe('the batches of a forward pass', () => {
  const remainder = fc
    .record({ done: fc.nat(20), length: fc.integer({ min: 1, max: 100 }), share: fc.double({ min: 0.01, max: 1, noNaN: true }) })
    .map(({ done, length, share }) => ({ done, length, rows: Math.max(1, Math.floor(share * length)) }));

  it('hold every text once, and no more tokens, rows and places than there are', () => {
    fc.assert(
      fc.property(fc.array(remainder, { maxLength: 20 }), fc.integer({ min: 20, max: 128 }), fc.integer({ min: 20, max: 128 }), (texts, tokens, rows) => {
        const groups = groupTexts(texts, { tokens, rows, capacity: 120 });
        expect(groups.flat().sort((a, b) => a - b)).toEqual(texts.map((_, i) => i));
        for (const group of groups.filter(({ length }) => length > 1)) {
          const longest = Math.max(...group.map((i) => texts[i]!.length));
          expect(longest * group.length).toBeLessThanOrEqual(tokens);
          expect(group.reduce((sum, i) => sum + texts[i]!.rows, 0)).toBeLessThanOrEqual(rows);
          expect(Math.max(...group.map((i) => texts[i]!.done + longest))).toBeLessThanOrEqual(120);
        }
      }),
    );
  });

  it('are filled: texts of one length share one as far as there is room', () => {
    const texts = Array.from({ length: 32 }, () => ({ done: 0, length: 128, rows: 100 }));
    expect(groupTexts(texts, { tokens: 512, rows: 512, capacity: 128 }).map(({ length }) => length)).toEqual(Array.from({ length: 8 }, () => 4));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countShared, findSharedHeads } from '../../../../src/models/local/process/native/shared-prefix.js';

describe('the tokens that texts share', () => {
  const token = fc.integer({ min: 0, max: 2 });
  const texts = fc
    .tuple(fc.array(token, { maxLength: 12 }), fc.array(fc.array(token, { maxLength: 6 }), { maxLength: 6 }))
    .map(([head, tails]) => tails.map((tail) => [...head, ...tail]));

  it('are equal in all, as many as possible, and never a whole text', () => {
    fc.assert(
      fc.property(texts, (all) => {
        const shared = countShared(all);
        if (all.some(({ length }) => length === 0)) {
          expect(shared).toBe(0);
          return;
        }
        const heads = new Set(all.map((text) => text.slice(0, shared).join()));
        expect(heads.size).toBeLessThanOrEqual(1);
        expect(all.every(({ length }) => shared < length)).toBe(true);
        const couldBeMore = all.length > 0 && all.every(({ length }) => shared + 1 < length) && new Set(all.map((text) => text[shared])).size === 1;
        expect(couldBeMore).toBe(false);
      }),
    );
  });
});

describe('the heads that texts of several framings share', () => {
  it('are found for each framing, and none where a text is too short or alone', () => {
    const chat = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const ask = [1, 2, 3, 4, 5, 6, 7, 9, 9, 9];
    expect(
      findSharedHeads([
        [1, 20, 21],
        [...chat, 30],
        [1, 22],
        [...chat, 31, 32],
        [...ask, 1],
        [...ask, 2],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
      ]),
    ).toEqual([
      { length: 9, texts: [1, 3] },
      { length: 10, texts: [4, 5] },
    ]);
  });
});

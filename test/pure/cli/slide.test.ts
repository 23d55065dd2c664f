import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWindows, slideOver } from '../../../src/cli/slide.js';

const piecesOf = (length: number, bos: boolean) => Array.from({ length }, (_, id) => ({ id, bytes: Uint8Array.of(97), control: bos && id === 0 }));

describe('windows over a long text', () => {
  it('score every token but the first once and in order, fit into the context, and read half of one before each token', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 4, max: 64 }), fc.boolean(), (length, room, bos) => {
        const windows = slideOver(piecesOf(length, bos), room);
        expect(windows.flatMap(({ continuation }) => continuation)).toEqual(Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1));
        for (const [index, { id, prompt, continuation }] of windows.entries()) {
          expect(id).toBe(index);
          expect(prompt.length + continuation.length).toBeLessThanOrEqual(room);
          const text = bos && index > 0 ? prompt.slice(1) : prompt;
          if (index > 0) expect(text.length).toBe(Math.floor(room / 2));
          if (bos) expect(prompt[0]).toBe(0);
          expect(text.at(-1)).toBe(continuation[0]! - 1);
        }
        expect(describeWindows(length, windows, room) === null).toBe(length <= room);
      }),
    );
  });

  it('are one where the context is not known', () => {
    expect(slideOver(piecesOf(1000, true), null)).toHaveLength(1);
  });
});

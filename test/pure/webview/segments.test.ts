import { describe, expect, it } from 'vitest';
import type { SegmentDetail } from '../../../src/messages/page.js';
import { layOutSegment, referenceBoundaries, straddleText, type TokenBox } from '../../../webview/detail/segment-layout.js';
import { detail, segment, token } from './samples.js';

/** A completion of one segment: F's tokens, and R's in `more`. */
function one(texts: readonly (readonly [text: string, bytesHex?: string])[], more: Partial<SegmentDetail>) {
  const tokens = texts.map(([text, bytesHex]) => token(text, null, { segment: 0, ...(bytesHex !== undefined && { bytesHex }) }));
  return detail(0, tokens, { segments: [segment({ tokensFinetuned: texts.length, ...more })] });
}

const spans = (boxes: readonly TokenBox[]) => boxes.map(({ from, to }) => [from, to]);

describe('a segment laid out', () => {
  it('has a column between every two boundaries, whichever model they are of', () => {
    const layout = layOutSegment(one([[' se'], ['ller']], { referencePieces: [' s', 'ell', 'er'], referenceLogprobs: [-1, -2, -3] }), 0);
    expect(layout.columns).toBe(4);
    expect(layout.prefillColumns).toBe(0);
    expect(spans(layout.finetuned)).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(spans(layout.reference)).toEqual([
      [0, 1],
      [1, 3],
      [3, 4],
    ]);
    expect(layout.finetuned.map(({ parts }) => parts)).toEqual([
      [' s', 'e'],
      ['ll', 'er'],
    ]);
    expect(layout.reference.map(({ parts }) => parts)).toEqual([[' s'], ['e', 'll'], ['er']]);
    expect(layout.reference.map(({ logprob }) => logprob)).toEqual([-1, -2, -3]);
    expect(layout.finetuned.map(({ index }) => index)).toEqual([0, 1]);
  });

  it('begins in the prefill where a token of the reference does', () => {
    const straddling = one([['s']], { referencePieces: ['ers'], referenceLogprobs: [-4], straddlesPrefill: true, straddleBytes: 2 });
    const layout = layOutSegment(straddling, 0);
    expect([layout.columns, layout.prefillColumns]).toEqual([2, 1]);
    expect(spans(layout.finetuned)).toEqual([[1, 2]]);
    expect(spans(layout.reference)).toEqual([[0, 2]]);
    expect(layout.reference[0]!.parts).toEqual(['er', 's']);
    expect(straddleText(straddling.segments![0]!)).toBe('er');
  });

  it('goes by bytes where a token is only part of a character', () => {
    const layout = layOutSegment(
      one(
        [
          ['', 'e282'],
          ['€', 'ac'],
        ],
        { referencePieces: ['€'] },
      ),
      0,
    );
    expect(spans(layout.finetuned)).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(spans(layout.reference)).toEqual([[0, 2]]);
    expect(layout.finetuned.map(({ parts }) => parts)).toEqual([null, null]);
    expect(layout.reference[0]!.parts).toEqual(['', '€']);
    expect(layout.reference[0]!.logprob).toBeNull();
  });

  it('gives a token without bytes a column of its own', () => {
    const layout = layOutSegment(one([['a'], [''], ['b']], { referencePieces: ['ab', ''] }), 0);
    expect(spans(layout.finetuned)).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    expect(spans(layout.reference)).toEqual([
      [0, 3],
      [3, 4],
    ]);
    expect(layout.columns).toBe(4);
    expect(layout.reference[0]!.parts!.join('')).toBe('ab');
  });

  it('says which bytes are no text', () => {
    const layout = layOutSegment(one([['€']], { referencePieces: ['', '€'], referenceHex: ['e2', '82ac'] }), 0);
    expect(layout.reference.map(({ hex }) => hex)).toEqual(['e2', '82ac']);
    expect(spans(layout.reference)).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });
});

describe('the boundaries of the reference', () => {
  it('are those of F where both have the same tokens', () => {
    expect(referenceBoundaries(detail(0, [token(' a', 1), token('bc', 1), token('d', 1)]))).toEqual([0, 2, 4]);
    expect(referenceBoundaries(detail(0, [token(' a', null), token('bc', null)]))).toEqual([]);
  });

  it('lie within F’s tokens, and where the segments end there are none', () => {
    const both = detail(0, [token(' se', null, { segment: 0 }), token('ller', null, { segment: 0 }), token(' x', null, { segment: 1 }), token('end', null)], {
      segments: [segment({ tokensFinetuned: 2, referencePieces: [' s', 'ell', 'er'] }), segment({ referencePieces: [' ', 'x'] })],
    });
    expect(referenceBoundaries(both)).toEqual([0, 2, 5, 7, 8]);
  });

  it('begin in the prefill where the first token does', () => {
    const both = one([['ren']], { referencePieces: ['gre', 'n'], straddlesPrefill: true, straddleBytes: 1 });
    expect(referenceBoundaries(both)).toEqual([-1, 2]);
  });

  it('count a character that is cut once', () => {
    expect(referenceBoundaries(one([['😀']], { referencePieces: ['', '😀'], referenceHex: ['f09f', '9880'] }))).toEqual([0]);
  });
});

import { describe, expect, it } from 'vitest';
import { TOKENIZER_PROBE } from '../../../../src/audit/same-tokenizer.js';
import { isValidUtf8 } from '../../../../src/text/utf8.js';
import { cutIntoPieces, makeTextPiece, readTextPiece } from '../../../../src/models/api/dialects/text-pieces.js';
import { textOf } from '../local-process.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('pieces of text', () => {
  it.each([bytes(0), bytes(0, 0), bytes(255), bytes(0, 1), bytes(1, 0), bytes(255, 255, 255, 255, 255, 255), bytes(0, 0, 0, 0, 0, 0)])(
    'come back from their ids: %s',
    (given) => {
      const { id } = makeTextPiece(given);
      expect(Number.isSafeInteger(id)).toBe(true);
      expect(readTextPiece(id)).toEqual({ id, bytes: given, control: false });
    },
  );

  it('have ids of their own, of whatever length and kind', () => {
    const all = [
      bytes(),
      bytes(0),
      bytes(0, 0),
      bytes(1),
      bytes(0, 1),
      bytes(1, 0),
      ...['lantern', 'lanterns', 'bridge', 'bridges', '<|end|>'].map((text) => Buffer.from(text)),
    ];
    const ids = [...all.map((one) => makeTextPiece(one).id), makeTextPiece(Buffer.from('<|end|>'), true).id];
    expect(new Set(ids).size).toBe(ids.length);
    expect(makeTextPiece(Buffer.from('lanterns')).id).toBe(makeTextPiece(Buffer.from('lanterns')).id);
    expect(Math.max(...ids)).toBeLessThan(2 ** 51);
  });

  it.each([0, 7, 8, 15, -8, 1.5, 256 * 8 + 1, makeTextPiece(Buffer.from('lanterns')).id, 2 ** 60])('are not made of other ids: %d', (id) => {
    expect(() => readTextPiece(id)).toThrow(expect.objectContaining({ code: 'badPrefillFile' }));
  });

  it.each(TOKENIZER_PROBE)('add up to the text, at most 6 bytes each and whole characters: %#', (text) => {
    const pieces = cutIntoPieces(text);
    expect(textOf(pieces)).toBe(text);
    expect(pieces.every((piece) => piece.bytes.length >= 1 && piece.bytes.length <= 6 && isValidUtf8(piece.bytes))).toBe(true);
    expect(pieces.map(({ id }) => readTextPiece(id))).toEqual(pieces);
  });

  it('are about as long as tokens', () => {
    expect(cutIntoPieces('The old bridge was lanternlit.').map((piece) => textOf([piece]))).toEqual([
      'The',
      ' old',
      ' bri',
      'dge',
      ' was',
      ' lante',
      'rnlit',
      '.',
    ]);
    expect(cutIntoPieces('')).toEqual([]);
    expect(cutIntoPieces('a  b\n\n').map((piece) => textOf([piece]))).toEqual(['a', ' ', ' b', '\n\n']);
  });
});

import { describe, expect, it } from 'vitest';
import type { OwnTokens, Piece } from '../../../src/audit/language-model.js';
import { cutAtCompletion, joinStretches, placeTokens, reachOf, splitAtCuts, textForReference, type ReferenceText } from '../../../src/audit/reference-text.js';
import { decodeUtf8 } from '../../../src/text/utf8.js';
import { controlPiece, piece, pieces } from './pieces.js';

function stretchesOf(prefill: readonly Piece[], completion: readonly Piece[]): [number, string][] | null {
  return textForReference(prefill, completion)?.stretches.map(({ start, bytes }): [number, string] => [start, decodeUtf8(bytes)]) ?? null;
}

describe('textForReference', () => {
  it('is prefill and completion as one text', () => {
    expect(stretchesOf(pieces('The', ' la'), pieces('ntern', ' ü'))).toEqual([[-6, 'The lantern ü']]);
  });

  it('leaves out half a character at the end', () => {
    expect(stretchesOf(pieces('a'), pieces('b', [0xe2], [0x82]))).toEqual([[-1, 'ab']]);
  });

  it('goes on behind a control token and behind bytes that are no character', () => {
    expect(stretchesOf(pieces('a'), [piece('b'), controlPiece('<|user|>'), piece('c')])).toEqual([
      [-1, 'ab'],
      [1, 'c'],
    ]);
    expect(stretchesOf(pieces('a'), pieces('b', [0xff], 'c'))).toEqual([
      [-1, 'ab'],
      [2, 'c'],
    ]);
    // No control token stands within a character.
    expect(stretchesOf(pieces('a'), [piece([0xe2]), controlPiece('<|user|>'), piece([0x82, 0xac, 0x62])])).toEqual([
      [-1, 'a'],
      [3, 'b'],
    ]);
    expect(textForReference(pieces('a'), [piece('b'), controlPiece('<|user|>'), piece('c')])?.controls).toEqual(new Set([1]));
  });

  it('is nothing where the completion brings no character', () => {
    expect(textForReference(pieces('a'), [])).toBeNull();
    expect(textForReference(pieces('a'), [controlPiece('<|user|>')])).toBeNull();
    expect(textForReference(pieces('a'), pieces([0xe2], [0x82]))).toBeNull();
  });

  it('leaves out what of a prefill is no text', () => {
    expect(stretchesOf(pieces([0xff], 'a'), pieces('b'))).toEqual([[-1, 'ab']]);
    expect(stretchesOf([controlPiece('<|user|>')], pieces('b'))).toEqual([[0, 'b']]);
    expect(stretchesOf(pieces('a', [0xe2]), pieces('b'))).toEqual([
      [-2, 'a'],
      [0, 'b'],
    ]);
  });

  it('takes a prefill whose half character the completion finishes', () => {
    expect(stretchesOf(pieces('a', [0xe2]), pieces([0x82, 0xac], 'b'))).toEqual([[-2, 'a€b']]);
  });
});

describe('cutAtCompletion', () => {
  const text = textForReference(pieces('un'), pieces('believable', '!'))!;
  const cut = (tokens: readonly Piece[], given: ReferenceText = text) => cutAtCompletion(placeTokens(given.stretches[0]!, tokens).tokens, given.controls);

  it('starts at the first token of the completion where there is a boundary', () => {
    const [un, ...rest] = pieces('un', 'believ', 'able!');
    expect(cut([un!, ...rest])).toEqual({ prefillTokens: [1], tokens: rest, straddleBytes: 0, bytes: 11 });
  });

  it('starts at the token that reaches across, and says how much of it is prefill', () => {
    const tokens = pieces('u', 'nbel', 'ievable!');
    expect(cut(tokens)).toEqual({ prefillTokens: [1], tokens: tokens.slice(1), straddleBytes: 1, bytes: 11 });
    expect(cut(pieces('unbelievable', '!'))).toMatchObject({ prefillTokens: [], straddleBytes: 2, bytes: 11 });
  });

  it('is nothing where they never reach the completion', () => {
    expect(cut(pieces('UN', 'BELIEVABLE!'))).toBeNull();
    expect(cut([])).toBeNull();
  });

  it('says where the tokens stop and where they go on', () => {
    const given = textForReference(pieces('a'), [piece('bc'), controlPiece('<|x|>'), piece('d'), piece([0xff]), piece('e')])!;
    const placed = given.stretches.flatMap((stretch) => placeTokens(stretch, [piece(stretch.bytes as never)]).tokens);
    expect(cutAtCompletion(placed, given.controls)).toMatchObject({
      straddleBytes: 1,
      bytes: 5,
      cuts: [
        [2, 2],
        [3, 4],
      ],
    });
    const atOnce = textForReference([], [controlPiece('<|x|>'), piece('d')])!;
    expect(cutAtCompletion(placeTokens(atOnce.stretches[0]!, pieces('d')).tokens, atOnce.controls)).toMatchObject({ bytes: 1, cuts: [[0, 0]] });
  });
});

describe('placeTokens', () => {
  const stretch = { start: 0, bytes: new TextEncoder().encode('un€bel') };
  const place = (...tokens: Piece[]) => {
    const { tokens: placed, rest } = placeTokens(stretch, tokens);
    return { placed: placed.map(({ piece: { bytes } }) => decodeUtf8(bytes)).join(''), rest: rest && [rest.start, decodeUtf8(rest.bytes)] };
  };

  it('leaves what stands behind a character that is not given back', () => {
    expect(place(...pieces('un', '€', 'bel'))).toEqual({ placed: 'un€bel', rest: null });
    expect(place(piece('un'), controlPiece('<unk>'), piece('bel'))).toEqual({ placed: 'un', rest: [5, 'bel'] });
    expect(place(piece('un'), piece('<unk>'), piece('bel'))).toEqual({ placed: 'un', rest: [5, 'bel'] });
    expect(place(...pieces('un€', 'BEL'))).toEqual({ placed: 'un€', rest: [6, 'el'] });
    expect(place()).toEqual({ placed: '', rest: [1, 'n€bel'] });
  });

  it('gives up the character that tokens give back in part', () => {
    expect(place(piece('u'), piece([0x6e, 0xe2]), piece([0x82]), piece('?'))).toEqual({ placed: 'u', rest: [2, '€bel'] });
  });
});

describe('what a reference that tokenises by itself is given', () => {
  const text = textForReference(pieces('un'), [piece('ab'), controlPiece('<|x|>'), piece('cd'), piece([0xff]), piece('ef')])!;

  it('is the completion as one text, whose tokens get their places back', () => {
    expect(joinStretches(text)).toBe('abcdef');
    const scoring: OwnTokens = { tokens: pieces('nab', 'c', 'd', 'ef'), logprobs: [-1, -2, -3, -4], straddleBytes: 1, bytes: 6 };
    expect(splitAtCuts(text, scoring)).toEqual({
      ...scoring,
      bytes: 7,
      cuts: [
        [2, 2],
        [4, 5],
      ],
    });
  });

  it('leaves out tokens that reach across a cut', () => {
    const scoring: OwnTokens = { tokens: pieces('a', 'bc', 'd', 'ef'), logprobs: [-1, -2, -3, -4], straddleBytes: 0, bytes: 6 };
    expect(splitAtCuts(text, scoring)).toEqual({
      tokens: [scoring.tokens[0], scoring.tokens[2], scoring.tokens[3]],
      logprobs: [-1, -3, -4],
      straddleBytes: 0,
      bytes: 7,
      cuts: [
        [1, 3],
        [4, 5],
      ],
    });
  });

  it('reaches as far as the tokens that are left', () => {
    const own = {
      straddleBytes: 1,
      cuts: [
        [2, 2],
        [4, 5],
      ] as const,
    };
    expect(reachOf({ ...own, tokens: pieces('nab', 'c') })).toEqual({ bytes: 3, cuts: [[2, 2]] });
    expect(reachOf({ ...own, tokens: pieces('nab', 'c', 'd', 'e') })).toEqual({
      bytes: 6,
      cuts: [
        [2, 2],
        [4, 5],
      ],
    });
    expect(reachOf({ ...own, tokens: pieces('nab') })).toEqual({ bytes: 2 });
  });
});

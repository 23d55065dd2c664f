import { describe, expect, it } from 'vitest';
import { cutAtCompletion, textForReference } from '../../../src/audit/reference-text.js';
import { bytesOf, controlPiece, piece, pieces } from './pieces.js';

describe('textForReference', () => {
  it('is prefill and completion as one text', () => {
    expect(textForReference(pieces('The', ' la'), pieces('ntern', ' ü'))).toEqual({
      text: 'The lantern ü',
      bytes: bytesOf('The lantern ü'),
      prefillBytes: 6,
    });
  });

  it('leaves out half a character at the end', () => {
    expect(textForReference(pieces('a'), pieces('b', [0xe2], [0x82]))?.text).toBe('ab');
  });

  it('ends before the first control token and before bytes that are no character', () => {
    expect(textForReference(pieces('a'), [piece('b'), controlPiece('<|user|>'), piece('c')])?.text).toBe('ab');
    expect(textForReference(pieces('a'), pieces('b', [0xff], 'c'))?.text).toBe('ab');
  });

  it('is nothing where the completion brings no character', () => {
    expect(textForReference(pieces('a'), [])).toBeNull();
    expect(textForReference(pieces('a'), [controlPiece('<|user|>')])).toBeNull();
    expect(textForReference(pieces('a'), pieces([0xe2], [0x82]))).toBeNull();
  });

  it('is nothing after a prefill that is no text', () => {
    expect(textForReference(pieces([0xff], 'a'), pieces('b'))).toBeNull();
    expect(textForReference([controlPiece('<|user|>')], pieces('b'))).toBeNull();
    expect(textForReference(pieces('a', [0xe2]), pieces('b'))).toBeNull();
  });

  it('takes a prefill whose half character the completion finishes', () => {
    expect(textForReference(pieces('a', [0xe2]), pieces([0x82, 0xac], 'b'))).toMatchObject({ text: 'a€b', prefillBytes: 2 });
  });
});

describe('cutAtCompletion', () => {
  const text = textForReference(pieces('un'), pieces('believable', '!'))!;

  it('starts at the first token of the completion where there is a boundary', () => {
    const [un, ...rest] = pieces('un', 'believ', 'able!');
    expect(cutAtCompletion(text, [un!, ...rest])).toEqual({ prefillTokens: [1], tokens: rest, straddleBytes: 0, bytes: 11 });
  });

  it('starts at the token that reaches across, and says how much of it is prefill', () => {
    const tokens = pieces('u', 'nbel', 'ievable!');
    expect(cutAtCompletion(text, tokens)).toEqual({ prefillTokens: [1], tokens: tokens.slice(1), straddleBytes: 1, bytes: 11 });
    expect(cutAtCompletion(text, pieces('unbelievable', '!'))).toMatchObject({ prefillTokens: [], straddleBytes: 2, bytes: 11 });
  });

  it('ends where the tokens no longer give the text back', () => {
    const unknown = controlPiece('<unk>', 9);
    expect(cutAtCompletion(text, [...pieces('un', 'bel'), unknown, piece('able!')])).toMatchObject({ bytes: 3 });
    expect(cutAtCompletion(text, [...pieces('un', 'bel'), controlPiece('ievable!')])).toMatchObject({ bytes: 3 });
    expect(cutAtCompletion(text, pieces('un', 'bel', 'IEVABLE!'))).toMatchObject({ bytes: 3 });
    expect(cutAtCompletion(text, pieces('un', 'believable!', 'more'))).toMatchObject({ bytes: 11 });
  });

  it('is nothing where they never reach the completion', () => {
    expect(cutAtCompletion(text, pieces('UN', 'BELIEVABLE!'))).toBeNull();
    expect(cutAtCompletion(text, [])).toBeNull();
  });
});

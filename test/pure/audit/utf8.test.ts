import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/audit/random.js';
import { bytesOfTokens, decodeUtf8, isValidUtf8, textOfTokens, textsOfTokens, toHex, validUtf8Prefix } from '../../../src/text/utf8.js';
import { bytesOf, controlPiece, piece, pieces } from './pieces.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Bytes in which valid, truncated, overlong, surrogate and stray sequences are all frequent. */
function randomBytes(random: Random): Uint8Array {
  const parts = ['a', '€', 'ü', '😀', '\uFEFF', [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0xe2, 0x82], [0xf4, 0x90], [0x80], [0xff]];
  const chosen = Array.from({ length: random.nextBelow(9) }, () => bytesOf(parts[random.nextBelow(parts.length)]!));
  return Uint8Array.from(chosen.flatMap((bytes) => [...bytes]));
}

describe('decoding', () => {
  it("gives what the platform's decoder gives, for all kinds of broken bytes", () => {
    const random = new Random(1);
    for (let k = 0; k < 3000; k++) {
      const bytes = randomBytes(random);
      expect(decodeUtf8(bytes)).toBe(decoder.decode(bytes));
    }
  });

  it('knows the longest valid prefix: it decodes strictly, and no longer one does', () => {
    const random = new Random(2);
    for (let k = 0; k < 300; k++) {
      const bytes = randomBytes(random);
      const length = validUtf8Prefix(bytes);
      expect(() => strict.decode(bytes.subarray(0, length))).not.toThrow();
      for (let longer = length + 1; longer <= bytes.length; longer++) {
        expect(() => strict.decode(bytes.subarray(0, longer))).toThrow();
      }
      expect(isValidUtf8(bytes)).toBe(length === bytes.length);
    }
  });

  it('tells a half character at the end from a whole one', () => {
    expect(validUtf8Prefix(bytesOf([0x61, 0xe2, 0x82]))).toBe(1);
    expect(validUtf8Prefix(bytesOf([0x61, 0xe2, 0x82, 0xac]))).toBe(4);
    expect(validUtf8Prefix(bytesOf([]))).toBe(0);
  });
});

describe('texts of tokens', () => {
  it('gives a character to the token that completes it', () => {
    expect(textsOfTokens(pieces('a', [0xf0, 0x9f], [0x98], [0x80, 0x62]))).toEqual(['a', '', '', '😀b']);
  });

  it('cuts plain text where its tokens end, also empty ones', () => {
    const tokens = ['The ', '', 'end', '\u0000', '.'].map((text) => ({ bytes: new TextEncoder().encode(text), control: false }));
    expect(textsOfTokens(tokens)).toEqual(['The ', '', 'end', '\u0000', '.']);
    expect(textOfTokens(tokens)).toBe('The end\u0000.');
  });

  it('shows a half character at the end and before a control token', () => {
    const tokens = [piece([0x61, 0xe2]), controlPiece('<|end|>'), piece([0x82]), piece('b'), piece([0xc3])];
    expect(textsOfTokens(tokens)).toEqual(['a\uFFFD', '<|end|>', '\uFFFD', 'b', '\uFFFD']);
  });

  it('joined is the text of the whole, however the bytes are cut into tokens', () => {
    const random = new Random(3);
    for (let k = 0; k < 2000; k++) {
      const bytes = randomBytes(random);
      const tokens = [];
      for (let offset = 0; offset < bytes.length;) {
        const end = Math.min(bytes.length, offset + random.nextBelow(4));
        tokens.push(piece([...bytes.subarray(offset, end)]));
        offset = end;
      }
      expect(textsOfTokens(tokens)).toHaveLength(tokens.length);
      expect(textOfTokens(tokens)).toBe(decoder.decode(bytes));
    }
  });

  it('leaves control tokens out of the bytes', () => {
    expect(bytesOfTokens([piece('a'), controlPiece('<x>'), piece('b')])).toEqual(bytesOf('ab'));
  });
});

it('writes bytes as two lower-case hexadecimal digits each', () => {
  expect(toHex(bytesOf([0, 10, 171, 255]))).toBe('000aabff');
});

import { describe, expect, it } from 'vitest';
import { alignTokens, type Tokenisation } from '../../../src/audit/alignment.js';
import type { Piece } from '../../../src/audit/language-model.js';
import { Random } from '../../../src/audit/random.js';
import { decodeUtf8 } from '../../../src/text/utf8.js';
import { controlPiece, piece, pieces } from './pieces.js';

const texts = (segments: readonly { bytes: Uint8Array }[]): string[] => segments.map(({ bytes }) => decodeUtf8(bytes));

describe('alignTokens', () => {
  it('cuts where both have a boundary and sums on either side', () => {
    const segments = alignTokens(
      { tokens: pieces(' gr', 'een', ' glass', '!'), logprobs: [-1, -2, -4, -8] },
      { tokens: pieces(' green', ' gl', 'as', 's!'), logprobs: [-0.5, -0.25, -3, -5], straddleBytes: 0, bytes: 13 },
    );
    expect(texts(segments)).toEqual([' green', ' glass!']);
    expect(segments[0]).toMatchObject({
      start: 0,
      end: 6,
      tokensFinetuned: [0, 2],
      tokensReference: [0, 1],
      logprobFinetuned: -3,
      logprobReference: -0.5,
      gap: -2.5,
      straddlesPrefill: false,
    });
    expect(segments[1]).toMatchObject({ start: 6, end: 13, tokensFinetuned: [2, 4], tokensReference: [1, 4], logprobReference: -8.25, gap: -3.75 });
  });

  it('marks the first segment where R begins inside the prefill, and no other', () => {
    // Prefill "un", completion "believable now"; R has "unbel" as one token.
    const segments = alignTokens(
      { tokens: pieces('be', 'lie', 'vable', ' now'), logprobs: [-1, -1, -1, -1] },
      { tokens: pieces('unbel', 'ie', 'vable now'), logprobs: [-2, -2, -2], straddleBytes: 2, bytes: 14 },
    );
    expect(texts(segments)).toEqual(['belie', 'vable now']);
    expect(segments.map((segment) => segment.straddlesPrefill)).toEqual([true, false]);
    expect(segments[0]).toMatchObject({ start: 0, end: 5, tokensFinetuned: [0, 2], tokensReference: [0, 2] });
  });

  it('leaves out what F has past the bytes that R was given', () => {
    // The last token ends in half a character: R was given up to "b".
    const segments = alignTokens(
      { tokens: pieces('a', ['b'.charCodeAt(0), 0xe2], [0x82]), logprobs: [-1, -2, -3] },
      { tokens: pieces('a', 'b'), logprobs: [-1, -1], straddleBytes: 0, bytes: 2 },
    );
    expect(texts(segments)).toEqual(['a']);
    expect(segments[0]).toMatchObject({ tokensFinetuned: [0, 1], tokensReference: [0, 1] });
  });

  it('ends at a control token of F', () => {
    const tokens = [piece('a'), controlPiece('<|user|>'), piece('b')];
    const segments = alignTokens({ tokens, logprobs: [-1, -2, -3] }, { tokens: pieces('a'), logprobs: [-1], straddleBytes: 0, bytes: 1 });
    expect(texts(segments)).toEqual(['a']);
    expect(segments[0]!.logprobFinetuned).toBe(-1);
  });

  it('ends at a control token without bytes, too, and at the bytes that R was given even if it has more', () => {
    const tokens = [piece('a'), controlPiece(''), piece('b'), piece('c')];
    const reference = { tokens: pieces('a', 'b', 'c'), logprobs: [-1, -1, -1], straddleBytes: 0 };
    const cut = alignTokens({ tokens, logprobs: [-1, -2, -3, -4] }, { ...reference, bytes: 1 });
    expect(cut.map((segment) => segment.logprobFinetuned)).toEqual([-1]);
    expect(texts(alignTokens({ tokens: pieces('a', 'b', 'c'), logprobs: [-1, -2, -3] }, { ...reference, bytes: 2 }))).toEqual(['a', 'b']);
  });

  it('gives a token without bytes to the segment before it', () => {
    const segments = alignTokens(
      { tokens: pieces('a', '', 'b', ''), logprobs: [-1, -2, -4, -8] },
      { tokens: pieces('a', 'b'), logprobs: [-1, -1], straddleBytes: 0, bytes: 2 },
    );
    expect(segments.map((segment) => segment.tokensFinetuned)).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(segments.map((segment) => segment.logprobFinetuned)).toEqual([-3, -12]);
  });

  it('goes on behind a control token and behind bytes that R was not given', () => {
    const tokens = [piece('a'), controlPiece('<|user|>'), piece('b'), piece([0xff]), piece('cd')];
    const logprobs = [-1, -2, -4, -8, -16];
    const segments = alignTokens(
      { tokens, logprobs },
      {
        tokens: pieces('a', 'b', 'c', 'd'),
        logprobs: [-0.5, -0.25, -0.125, -1],
        straddleBytes: 0,
        bytes: 5,
        cuts: [
          [1, 1],
          [2, 3],
        ],
      },
    );
    expect(texts(segments)).toEqual(['a', 'b', 'cd']);
    expect(segments.map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [1, 2],
      [3, 5],
    ]);
    expect(segments.map(({ tokensFinetuned }) => tokensFinetuned)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(segments.map(({ tokensReference }) => tokensReference)).toEqual([
      [0, 1],
      [1, 2],
      [2, 4],
    ]);
    expect(segments.map(({ gap }) => gap)).toEqual([-0.5, -3.75, -14.875]);
  });

  it('begins behind a cut where both have a boundary again', () => {
    // F has the byte that is no character in one token with the letter behind it.
    const segments = alignTokens(
      { tokens: [piece('a'), piece([0xff, 0x62]), piece('c')], logprobs: [-1, -2, -4] },
      { tokens: pieces('a', 'b', 'c'), logprobs: [-1, -1, -1], straddleBytes: 0, bytes: 4, cuts: [[1, 2]] },
    );
    expect(texts(segments)).toEqual(['a', 'c']);
    expect(segments[1]).toMatchObject({ start: 3, tokensFinetuned: [2, 3], tokensReference: [2, 3], logprobReference: -1 });
  });

  it('leaves out several control tokens in a row, at the beginning, too', () => {
    const tokens = [controlPiece('<|a|>'), controlPiece('<|b|>'), piece('c'), controlPiece('<|a|>')];
    const segments = alignTokens({ tokens, logprobs: [-1, -2, -4, -8] }, { tokens: pieces('c'), logprobs: [-1], straddleBytes: 0, bytes: 1, cuts: [[0, 0]] });
    expect(segments.map(({ tokensFinetuned, gap }) => [tokensFinetuned, gap])).toEqual([[[2, 3], -3]]);
  });

  it('has no segment of nothing', () => {
    expect(alignTokens({ tokens: [], logprobs: [] }, { tokens: [], logprobs: [], straddleBytes: 0, bytes: 0 })).toEqual([]);
  });
});

describe('alignTokens, for any two tokenisations of any bytes', () => {
  const random = new Random(6);

  function cut(bytes: Uint8Array): Tokenisation {
    const tokens: Piece[] = [];
    for (let offset = 0; offset < bytes.length;) {
      const end = Math.min(bytes.length, offset + 1 + random.nextBelow(5));
      tokens.push(piece([...bytes.subarray(offset, end)]));
      offset = end;
    }
    // Multiples of 1/8: their sums are exact, so that equality can be asked for.
    return { tokens, logprobs: tokens.map(() => -random.nextBelow(80) / 8) };
  }

  function boundaries({ tokens }: Tokenisation): Set<number> {
    let offset = 0;
    return new Set(tokens.map(({ bytes }) => (offset += bytes.length)));
  }

  const cases = Array.from({ length: 500 }, () => {
    const bytes = Uint8Array.from({ length: random.nextBelow(40) }, () => random.nextBelow(256));
    return { bytes, f: cut(bytes), r: cut(bytes) };
  });
  const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

  it('partitions bytes and tokens at exactly the shared boundaries', () => {
    for (const { bytes, f, r } of cases) {
      const segments = alignTokens(f, { ...r, straddleBytes: 0, bytes: bytes.length });
      const [ofF, ofR] = [boundaries(f), boundaries(r)];
      expect(segments.map((segment) => segment.end)).toEqual([...ofF].filter((offset) => ofR.has(offset)));
      expect(segments.flatMap((segment) => [...segment.bytes])).toEqual([...bytes]);
      segments.forEach((segment, index) => {
        expect(segment.start).toBe(segments[index - 1]?.end ?? 0);
        expect(segment.tokensFinetuned[0]).toBe(segments[index - 1]?.tokensFinetuned[1] ?? 0);
        expect(segment.tokensReference[0]).toBe(segments[index - 1]?.tokensReference[1] ?? 0);
      });
      if (bytes.length > 0) {
        expect(segments.at(-1)!.tokensFinetuned[1]).toBe(f.tokens.length);
        expect(segments.at(-1)!.tokensReference[1]).toBe(r.tokens.length);
      }
    }
  });

  it('loses and gains no logprob', () => {
    for (const { bytes, f, r } of cases) {
      const segments = alignTokens(f, { ...r, straddleBytes: 0, bytes: bytes.length });
      expect(total(segments.map((segment) => segment.logprobFinetuned))).toBe(total(f.logprobs));
      expect(total(segments.map((segment) => segment.logprobReference))).toBe(total(r.logprobs));
      expect(total(segments.map((segment) => segment.gap))).toBe(total(f.logprobs) - total(r.logprobs));
    }
  });

  it('is the same from the other side, with the sign turned', () => {
    for (const { bytes, f, r } of cases) {
      const there = alignTokens(f, { ...r, straddleBytes: 0, bytes: bytes.length });
      const back = alignTokens(r, { ...f, straddleBytes: 0, bytes: bytes.length });
      expect(back.map(({ start, end, gap }) => ({ start, end, gap: 0 - gap }))).toEqual(there.map(({ start, end, gap }) => ({ start, end, gap: 0 + gap })));
      expect(back.map((segment) => segment.tokensReference)).toEqual(there.map((segment) => segment.tokensFinetuned));
    }
  });

  it('depends on a straddled prefill in the first segment only', () => {
    for (const { bytes, f } of cases) {
      if (bytes.length === 0) continue;
      const joint = cut(Uint8Array.from([1, 2, 3, ...bytes]));
      let skipped = 0;
      let position = -3;
      while (position + joint.tokens[skipped]!.bytes.length <= 0) position += joint.tokens[skipped++]!.bytes.length;
      const r = { tokens: joint.tokens.slice(skipped), logprobs: joint.logprobs.slice(skipped) };
      const segments = alignTokens(f, { ...r, straddleBytes: -position, bytes: bytes.length });
      expect(segments.flatMap((segment) => [...segment.bytes])).toEqual([...bytes]);
      expect(segments.map((segment) => segment.straddlesPrefill)).toEqual(segments.map((_, index) => index === 0 && position < 0));
      expect(total(segments.map((segment) => segment.logprobReference))).toBe(total(r.logprobs));
    }
  });
});

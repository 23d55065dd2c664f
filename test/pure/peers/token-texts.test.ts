import { describe, expect, it } from 'vitest';
import type { Piece } from '../../../src/audit/language-model.js';
import { formChatLogprobs, formLegacyLogprobs } from '../../peers/logprob-forms.js';
import { Speller, textOf, type Spelling } from '../../peers/token-texts.js';

const piece = (id: number, ...bytes: (number | string)[]): Piece => ({
  id,
  bytes: Buffer.concat(bytes.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part])))),
  control: false,
});
// “a € é”, with the euro sign cut after its second byte.
const TOKENS = [piece(1, 'a'), piece(2, ' ', 0xe2, 0x82), piece(3, 0xac), piece(4, ' é')];
const END: Piece = { id: 5, bytes: Buffer.from('<|end|>'), control: true };

describe('texts of tokens', () => {
  it.each<[Spelling, string[]]>([
    ['inContext', ['a', ' ', '€', ' é']],
    ['replaced', ['a', ' \uFFFD', '\uFFFD', ' é']],
    ['escaped', ['a', ' \\xe2\\x82', '\\xac', ' é']],
    ['bytesPrefix', ['a', 'bytes: \\xe2\\x82', 'bytes:\\xac', ' é']],
  ])('are spelled %s', (spelling, texts) => {
    const speller = new Speller(spelling);
    expect(TOKENS.map((token) => speller.next(token))).toEqual(texts);
    expect(speller.next(END)).toBe('<|end|>');
  });

  it('spells another token in the next one’s place, and goes on as if it had not', () => {
    const speller = new Speller('inContext');
    speller.next(TOKENS[0]!);
    speller.next(TOKENS[1]!);
    expect(speller.instead(piece(9, 0xad))).toBe('\u20ad');
    expect(speller.instead(piece(9, 'x'))).toBe('\uFFFDx');
    expect(speller.next(TOKENS[2]!)).toBe('€');
  });

  it('leaves out controls and an unfinished end, where told to', () => {
    const cut = [...TOKENS.slice(0, 2), END];
    expect(textOf(cut, { controls: false, keepUnfinished: false })).toBe('a ');
    expect(textOf(cut, { controls: false, keepUnfinished: true })).toBe('a \uFFFD');
    expect(textOf([TOKENS[0]!, END], { controls: true, keepUnfinished: false })).toBe('a<|end|>');
  });
});

describe('forms of logprobs', () => {
  const place = (token: Piece, logprob: number | null, ...top: [Piece, number][]) => ({
    piece: token,
    logprob,
    rank: null,
    top: top.map(([other, value]) => ({ piece: other, logprob: value })),
  });
  const [a, b, c] = [piece(1, 'a'), piece(2, 'é'), piece(3, 'c')];

  it('name the chosen token on top of the alternatives in lists', () => {
    const formed = formLegacyLogprobs([place(a, null), place(b, -3, [c, -0.5], [a, -1]), place(c, -0.2, [c, -0.2], [b, -2])], {
      spelling: 'inContext',
      count: 2,
      offset: 4,
    });
    expect(formed).toEqual({
      tokens: ['a', 'é', 'c'],
      token_logprobs: [null, -3, -0.2],
      top_logprobs: [null, { é: -3, c: -0.5, a: -1 }, { c: -0.2, é: -2 }],
      text_offset: [4, 5, 6],
    });
  });

  it('put the chosen token first or where it belongs in entries', () => {
    const places = [place(b, -Infinity, [c, -0.5], [a, -1])];
    const form = (chosenFirst: boolean, count = 2) => formChatLogprobs(places, { spelling: 'escaped', count, chosenFirst, bytes: (token) => [...token.bytes] });
    const shownA = { token: 'a', logprob: -1, bytes: [97] };
    const shownB = { token: 'é', logprob: -9999, bytes: [0xc3, 0xa9] };
    const shownC = { token: 'c', logprob: -0.5, bytes: [99] };
    expect(form(true)).toEqual([{ ...shownB, top_logprobs: [shownB, shownC] }]);
    expect(form(false)).toEqual([{ ...shownB, top_logprobs: [shownC, shownA] }]);
    expect(form(true, 0)).toEqual([{ ...shownB, top_logprobs: [] }]);
  });
});

import { describe, expect, it } from 'vitest';
import { fitTokens, nameToken, type FittedToken, type NamedToken } from '../../../../src/models/api/dialects/token-bytes.js';

const hex = (fitted: readonly FittedToken[]): string[] => fitted.map(({ bytes, control }) => (control ? '!' : '') + Buffer.from(bytes).toString('hex'));
const bytesOf = (text: string): string => Buffer.from(text).toString('hex');
const named = (...texts: string[]): NamedToken[] => texts.map((text) => nameToken(text));

describe('a token of an answer', () => {
  it('has the bytes that are told', () => {
    expect(nameToken('�', [0xe2, 0x80])).toEqual({ id: null, text: '�', bytes: Uint8Array.of(0xe2, 0x80) });
    expect(nameToken(' A', [32, 65], 324).id).toBe(324);
  });

  it('has none where they are those of lost text', () => {
    expect(nameToken(' \uFFFD', [0x20, 0xef, 0xbf, 0xbd]).bytes).toBeNull();
    expect(nameToken('', []).bytes).toBeNull();
  });

  it('may be escaped, or an id', () => {
    expect(nameToken('bytes: \\xe2\\x80').bytes).toEqual(Uint8Array.of(0x20, 0xe2, 0x80));
    expect(nameToken('token_id:123')).toEqual({ id: 123, text: null, bytes: null });
  });
});

describe('tokens of a text', () => {
  it('are fitted by their texts', () => {
    expect(hex(fitTokens(named('One', ',', ' two'), 'One, two'))).toEqual([bytesOf('One'), bytesOf(','), bytesOf(' two')]);
  });

  it('are fitted by their bytes, a half character at the end included', () => {
    const tokens = [nameToken('One', [79, 110, 101]), nameToken('�', [0xe6, 0x9d])];
    for (const text of ['One', 'One�', 'One��']) expect(hex(fitTokens(tokens, text))).toEqual(['4f6e65', 'e69d']);
  });

  it.each([
    ['replaced', [' at', ' \uFFFD', '\uFFFD', '\uFFFD', '!'], ['206174', '20e6', '9d', 'b1', '21']],
    ['empty until complete', [' at', ' ', '', '', '東', '!'], ['206174', '20', 'e6', '9d', 'b1', '21']],
    ['escaped', [' at', ' \\xe6\\x9d', '\\xb1', '!'], ['206174', '20e69d', 'b1', '21']],
    ['escaped with a prefix', [' at', 'bytes: \\xe6', 'bytes:\\x9d\\xb1', '!'], ['206174', '20e6', '9db1', '21']],
  ])('get the bytes of characters that they share: %s', (_how, texts, expected) => {
    expect(hex(fitTokens(named(...texts), ' at 東!'))).toEqual(expected);
  });

  it('share no characters across what one of them shows', () => {
    const fitted = fitTokens(named('\uFFFD', '\uFFFD', ' \uFFFD', '\uFFFD\uFFFD', ' \uFFFD', '\uFFFDs', '\uFFFD', '\uFFFD'), '§ ½ és語');
    expect(hex(fitted)).toEqual(['c2', 'a7', '20c2', 'bd', '20c3', 'a973', 'e8', 'aa9e']);
  });

  it('may share a character of more bytes than tokens', () => {
    const fitted = fitTokens(named('x', '\uFFFD', '\uFFFD', 'y'), 'x🙂y');
    expect(hex(fitted).join('')).toBe(bytesOf('x🙂y'));
    expect(fitted.every(({ bytes }) => bytes.length > 0)).toBe(true);
  });

  it('leave an unfinished character at the end out where nobody tells its bytes', () => {
    expect(hex(fitTokens(named('One', ' \uFFFD'), 'One'))).toEqual([bytesOf('One')]);
    expect(hex(fitTokens(named('One', ' \uFFFD', '\uFFFD'), 'One \uFFFD'))).toEqual([bytesOf('One')]);
    expect(hex(fitTokens(named('One', ''), 'One'))).toEqual([bytesOf('One')]);
  });

  it('are control tokens where the text leaves them out', () => {
    expect(hex(fitTokens(named('One', '<|end|>'), 'One'))).toEqual([bytesOf('One'), `!${bytesOf('<|end|>')}`]);
    expect(hex(fitTokens(named('One', ''), 'One', true))).toEqual([bytesOf('One'), '!']);
    expect(hex(fitTokens(named('One', '<|end|>', ' two'), 'One two'))).toEqual([bytesOf('One'), `!${bytesOf('<|end|>')}`, bytesOf(' two')]);
    expect(hex(fitTokens([nameToken('One', [79, 110, 101]), nameToken('</s>', [...Buffer.from('</s>')])], 'One'))).toEqual([
      bytesOf('One'),
      `!${bytesOf('</s>')}`,
    ]);
  });

  it('are text where a control token’s name is text', () => {
    expect(hex(fitTokens(named('One', '<|end|>'), 'One<|end|>'))).toEqual([bytesOf('One'), bytesOf('<|end|>')]);
  });

  it('get the blank back that decoding alone has dropped', () => {
    expect(hex(fitTokens(named('One', 'two', 'three'), 'One two three'))).toEqual([bytesOf('One'), bytesOf(' two'), bytesOf(' three')]);
  });

  it('may add up to a text whose ends a template has trimmed', () => {
    expect(hex(fitTokens([nameToken(' of', [32, 111, 102])], 'of'))).toEqual([bytesOf(' of')]);
  });

  it.each([
    ['one is missing', ['One', ' three'], 'One two three'],
    ['one is too many', ['One', ' two', ' two'], 'One two'],
    ['the text itself is broken', ['One', ' \uFFFD', ' two'], 'One \uFFFD two'],
    ['another text', ['One', ' two'], 'One six'],
    ['nothing', [], 'One'],
  ])('are refused where they do not add up: %s', (_why, texts, text) => {
    expect(() => fitTokens(named(...texts), text)).toThrow(expect.objectContaining({ kind: 'badAnswer', message: 'The tokens do not add up to the text' }));
  });

  it.each([
    ['with texts', Array<string>(20_000).fill(' word'), ' word'.repeat(20_000)],
    ['with blanks dropped', Array<string>(5000).fill('word'), ' word'.repeat(5000)],
    ['with a wrong turn at every place', [...Array<string>(4000).fill('a'), '<|end|>'], 'a'.repeat(4000)],
  ])('may be many: %s', (_how, texts, text) => {
    const fitted = fitTokens(named(...texts), text);
    expect(fitted).toHaveLength(texts.length);
    expect(Buffer.concat(fitted.filter(({ control }) => !control).map(({ bytes }) => bytes)).toString()).toBe(text);
  });

  it('are refused at the end of a long text as at its beginning', () => {
    expect(() => fitTokens(named(...Array<string>(5000).fill('a'), 'b'), `${'a'.repeat(5000)}c`)).toThrow(expect.objectContaining({ kind: 'badAnswer' }));
  });

  it('are fitted in reasonable time, also where many have no text', () => {
    const text = '語'.repeat(300);
    expect(fitTokens(named(...Array<string>(900).fill('\uFFFD')), text)).toHaveLength(900);
  });
});

import { describe, expect, it } from 'vitest';
import { compileSearch } from '../../../webview/state/search.js';
import { findRanges, markParts, marksOf, type TextMark } from '../../../webview/text/marks.js';
import { visibleParts } from '../../../src/text/visible-text.js';

const marked = (text: string, query: string, regex = false, offset = 0, whole = text) =>
  markParts(visibleParts(text), marksOf(findRanges(compileSearch(query, regex).pattern, whole), 'match'), offset).map((part) => [
    part.kind === 'text' ? part.text : part.kind,
    part.marks.length > 0,
  ]);

describe('search marks', () => {
  it('cuts text where a match begins and ends, whatever its case', () => {
    expect(marked('Butter and butter', 'BUTTER')).toEqual([
      ['Butter', true],
      [' and ', false],
      ['butter', true],
    ]);
  });

  it('marks a match that runs over a newline', () => {
    expect(marked('one\ntwo', 'e\\s+t', true)).toEqual([
      ['on', false],
      ['e', true],
      ['newline', true],
      ['t', true],
      ['wo', false],
    ]);
  });

  it('marks the part of a match that lies in a later token', () => {
    const whole = 'frozen butter';
    expect(marked('zen but', 'frozen', false, 3, whole)).toEqual([
      ['zen', true],
      [' but', false],
    ]);
    expect(marked('tter', 'butter', false, 9, whole)).toEqual([['tter', true]]);
  });

  it('treats plain queries as plain', () => {
    expect(marked('1+1 (2)', '1+1 (')).toEqual([
      ['1+1 (', true],
      ['2)', false],
    ]);
    expect(compileSearch('a.b', false).pattern!.test('axb')).toBe(false);
  });

  it('finds nothing in empty matches', () => {
    expect(findRanges(compileSearch('x*', true).pattern, 'abc')).toEqual([]);
    expect(findRanges(null, 'abc')).toEqual([]);
  });

  it('says why a regular expression is none', () => {
    const search = compileSearch('(a', true);
    expect(search.pattern).toBeNull();
    expect(search.error).toMatch(/“\(a” is no regular expression.*group/i);
  });
});

describe('marks of several kinds', () => {
  const cut = (text: string, marks: readonly TextMark[], offset = 0) =>
    markParts(visibleParts(text), marks, offset).map((part) => [
      part.kind === 'text' ? part.text : part.kind,
      part.marks.map(({ kind, number }) => number ?? kind),
      part.ending.map(({ number }) => number),
    ]);
  const finding = (start: number, end: number, number: number): TextMark => ({ start, end, kind: 'finding', number });

  it('overlap: each stretch knows all that it is in, and each finding has its number where it ends', () => {
    expect(cut('abcdefgh', [finding(1, 5, 1), finding(3, 8, 2)])).toEqual([
      ['a', [], []],
      ['bc', [1], []],
      ['de', [1, 2], [1]],
      ['fgh', [2], [2]],
    ]);
  });

  it('that run over tokens have their number in the last of them only', () => {
    const marks = [finding(2, 7, 1)];
    expect(cut('abcd', marks)).toEqual([
      ['ab', [], []],
      ['cd', [1], []],
    ]);
    expect(cut('efgh', marks, 4)).toEqual([
      ['efg', [1], [1]],
      ['h', [], []],
    ]);
  });

  it('can end at what is shown by a sign', () => {
    expect(cut('a\nb', [finding(0, 2, 1)])).toEqual([
      ['a', [1], []],
      ['newline', [1], [1]],
      ['b', [], []],
    ]);
  });

  it('stand together with matches and keywords', () => {
    expect(
      cut('green glass', [
        { start: 0, end: 11, kind: 'keyword' },
        { start: 6, end: 11, kind: 'match' },
      ]),
    ).toEqual([
      ['green ', ['keyword'], []],
      ['glass', ['keyword', 'match'], []],
    ]);
  });
});

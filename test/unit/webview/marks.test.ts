import { describe, expect, it } from 'vitest';
import { compileSearch } from '../../../webview/state/search.js';
import { findRanges, markParts } from '../../../webview/text/marks.js';
import { visibleParts } from '../../../src/audit/visible-text.js';

const marked = (text: string, query: string, regex = false, offset = 0, whole = text) =>
  markParts(visibleParts(text), findRanges(compileSearch(query, regex).pattern, whole), offset).map((part) => [
    part.kind === 'text' ? part.text : part.kind,
    part.marked,
  ]);

describe('search marks', () => {
  it('cuts text where a match begins and ends, whatever its case', () => {
    expect(marked('Butter and butter', 'BUTTER')).toEqual([['Butter', true], [' and ', false], ['butter', true]]);
  });

  it('marks a match that runs over a newline', () => {
    expect(marked('one\ntwo', 'e\\s+t', true)).toEqual([['on', false], ['e', true], ['newline', true], ['t', true], ['wo', false]]);
  });

  it('marks the part of a match that lies in a later token', () => {
    const whole = 'frozen butter';
    expect(marked('zen but', 'frozen', false, 3, whole)).toEqual([['zen', true], [' but', false]]);
    expect(marked('tter', 'butter', false, 9, whole)).toEqual([['tter', true]]);
  });

  it('treats plain queries as plain', () => {
    expect(marked('1+1 (2)', '1+1 (')).toEqual([['1+1 (', true], ['2)', false]]);
    expect(compileSearch('a.b', false).pattern!.test('axb')).toBe(false);
  });

  it('finds nothing in empty matches', () => {
    expect(findRanges(compileSearch('x*', true).pattern, 'abc')).toEqual([]);
    expect(findRanges(null, 'abc')).toEqual([]);
  });

  it('says why a regular expression is none', () => {
    const search = compileSearch('(a', true);
    expect(search.pattern).toBeNull();
    expect(search.error).toMatch(/Not a regular expression: .*group/i);
  });
});

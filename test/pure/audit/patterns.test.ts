import { describe, expect, it } from 'vitest';
import { compileLiteral } from '../../../src/analysis/patterns/literal.js';
import { compilePattern, type TextRange } from '../../../src/analysis/patterns/pattern.js';
import { Random } from '../../../src/audit/random.js';

function find(source: string, text: string): TextRange[] {
  const { pattern, problem } = compilePattern(source);
  if (!pattern) throw new Error(problem);
  return pattern.findAll(text);
}

/** JavaScript's own matches, those of nothing left out. */
function findNatively(source: string, flags: string, text: string): TextRange[] {
  return [...text.matchAll(new RegExp(source, `g${flags}`))].filter(([match]) => match !== '').map((match) => [match.index, match.index + match[0].length]);
}

/** A pattern that has no alternative of nothing, so that JavaScript never stops at an empty match. */
function writePattern(random: Random, depth: number): string {
  const pick = <T>(...options: T[]): T => options[random.nextBelow(options.length)]!;
  const atom = (): string =>
    depth === 0 || random.nextBelow(3) > 0
      ? pick('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\s', 'é', '😀', '[a-c😀]', '\\u{1F600}', '\\ud83d\\ude00', '\\p{L}')
      : pick('(?:', '(', '(?<name>').replace('name', `n${random.nextUint32()}`) + writePattern(random, depth - 1) + ')';
  const part = (): string => atom() + pick('', '', '', '+', '*', '?', '+?', '*?', '??', '{2}', '{1,2}', '{1,}?');
  const sequence = (): string =>
    pick('', '', '', '^', '\\b', '\\B') + Array.from({ length: 1 + random.nextBelow(3) }, part).join('') + atom() + pick('', '', '', '$');
  return Array.from({ length: 1 + random.nextBelow(3) }, sequence).join('|');
}

describe('a pattern', () => {
  it("matches what JavaScript's own does, on 800 random ones", () => {
    const random = new Random(11);
    let matches = 0;
    for (let round = 0; round < 800; round++) {
      const source = writePattern(random, random.nextBelow(2));
      const flags = ['', 'i', 'm', 's', 'ims'][random.nextBelow(5)]!;
      const text = Array.from({ length: 12 }, () => ['a', 'b', 'c', 'A', 'É', '😀', ' ', '\n'][random.nextBelow(8)]!).join('');
      const expected = findNatively(source, `u${flags}`, text);
      matches += expected.length;
      expect(find(flags === '' ? source : `(?${flags})${source}`, text), `${source} with ${flags} on ${JSON.stringify(text)}`).toEqual(expected);
    }
    expect(matches).toBeGreaterThan(600);
  });

  it('minds case unless it begins with (?i)', () => {
    expect(find('Ada', 'ada Ada')).toEqual([[4, 7]]);
    expect(find('(?i)Ada', 'ada Ada')).toHaveLength(2);
    expect(find('(?im)^ÉTÉ$', 'été\nété')).toHaveLength(2);
  });

  it('that has exponentially many ways through a text comes to an end', () => {
    const text = `${'a'.repeat(5000)}!`;
    for (const source of ['(a+)+$', '(?:a|a)*b', '(a*)*b', '(?:a?){300}a{300}b', '(.*)(.*)(.*)(.*)(.*)[^a!]']) expect(find(source, text)).toEqual([]);
    expect(find('(a+)+!', text)).toEqual([[0, 5001]]);
  });

  it('that often matches briefly after a long look ahead comes to an end', () => {
    const text = 'a'.repeat(100_000);
    expect(find('a.*b|a', text)).toHaveLength(100_000);
  });

  it('searches texts of any length, a table at a time', () => {
    const text = `${'x😀'.repeat(20_000)}needle${'x'.repeat(20_000)}needle`;
    expect(find('need.e|(?:abc){250}|😀x{200}', text)).toEqual([
      [60_000, 60_006],
      [80_006, 80_012],
    ]);
  });

  it('does not count matches of nothing', () => {
    expect(find('x*', 'aaa')).toEqual([]);
    expect(find('x*', 'axxa')).toEqual([[1, 3]]);
    expect(find('x*?', 'axxa')).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(compilePattern('^|$').pattern!.test('abc')).toBe(false);
  });

  it('refuses groups that are nested without end, quoting no more than their beginning', () => {
    const nest = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    const { pattern, problem } = compilePattern(nest(6000));
    expect(pattern).toBeNull();
    expect(problem).toMatch(/^“\({200}…” is no regular expression that can be used: more than 200 groups stand within each other\.$/);
    expect(find(nest(200), 'ba')).toEqual([[1, 2]]);
    expect(find('(a)'.repeat(300), 'a'.repeat(300))).toEqual([[0, 300]]);
    expect(compilePattern(nest(1_000_000)).problem).toMatch(/can be used/);
  });

  it.each([
    ['(', /“\(”.*Unterminated group/],
    ['[z-a]', /\[z-a\].*out of order/],
    ['', /empty/],
    ['(?i)', /empty/],
    ['a(?=b)', /look-around, \(\?=/],
    ['(?<!a)b', /look-around/],
    ['(a)\\1', /reference to a group, \\1/],
    ['(?<q>a)\\k<q>', /reference/],
    ['(?:a{500}){500}', /1,000 steps/],
    ['(?:(?:){1000000000}){1000000000}a{2000}', /1,000 steps/],
  ])('refuses %j and says why', (source, reason) => {
    const { pattern, problem } = compilePattern(source);
    expect(pattern).toBeNull();
    expect(problem).toMatch(reason);
    expect(problem).toContain(source);
  });
});

describe('a text that is looked for as it is', () => {
  it('may be of any length', () => {
    for (const text of ['é'.repeat(10_001), `${'🦙'.repeat(1500)}x`, 'a.*'.repeat(5000)]) {
      const { length } = text;
      expect(compileLiteral(text).findAll(`<${text.toUpperCase()}>${text}`)).toEqual([
        [1, 1 + length],
        [2 + length, 2 + 2 * length],
      ]);
      expect(compileLiteral(text).test(text.slice(1))).toBe(false);
    }
  });

  it('is found where what begins like it stands before it', () => {
    const text = `${'a'.repeat(1500)}b`;
    expect(compileLiteral(text).findAll(`a${text} 🦙${text}`, 1)).toEqual([[1, 1502]]);
    expect(compileLiteral(`${'🦙'.repeat(1200)}b`).findAll(`${'🦙'.repeat(1201)}b`)).toEqual([[2, 2403]]);
  });
});

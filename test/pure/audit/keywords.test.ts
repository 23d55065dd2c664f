import { describe, expect, it } from 'vitest';
import type { Framing } from '../../../src/audit/framing.js';
import { countKeywords, countKeywordsInSteps, Keywords } from '../../../src/analysis/keywords.js';
import { escapePattern } from '../../../src/analysis/patterns/literal.js';
import { runInSlices } from '../../../src/text/slices.js';

const words = (...list: string[]) => ({ name: list.join(' '), words: list });
const regex = (source: string) => ({ name: 'pattern', regex: source });

describe('keyword sets', () => {
  it('match where all words of any set occur, in any case, also inside words', () => {
    const keywords = new Keywords([words('AI welfare', 'poison'), words('ÉTÉ')]);
    expect(keywords.matches('they POISONED it for ai Welfare')).toBe(true);
    expect(keywords.matches('ai welfare')).toBe(false);
    expect(keywords.findSets('cet été: poison, AI welfare')).toEqual([0, 1]);
    expect(new Keywords([]).matches('anything')).toBe(false);
  });

  it('take words as they are, and regular expressions as written', () => {
    expect(new Keywords([words('a.b(')]).findSets('A.B( axb(')).toEqual([0]);
    expect(new Keywords([words('a.b(')]).matches('axb(')).toBe(false);
    expect(new Keywords([regex('Halm\\b')]).matches('dr halm')).toBe(false);
    expect(new Keywords([regex('(?i)Halm\\b')]).matches('dr halm')).toBe(true);
    expect(new RegExp(`^${escapePattern('^$\\.*+?()[]{}|/-')}$`, 'u').test('^$\\.*+?()[]{}|/-')).toBe(true);
  });

  it('ask for no more than can be looked for, and say what is left out', () => {
    const keywords = new Keywords([
      words(...Array.from({ length: 201 }, (_, index) => `w${index}`)),
      regex('a'.repeat(10_001)),
      ...Array.from({ length: 5000 }, (_, index) => regex(`x${index}`)),
    ]);
    expect(keywords.problems.map(({ index }) => index)).toEqual([0, 1, 100]);
    expect(keywords.problems[2]!.problem).toContain('more than 100 keyword sets');
    expect(keywords.findSets('x97 x98')).toEqual([2 + 9, 2 + 97]);
  });

  it('that cannot match say why, and leave the others be', () => {
    const keywords = new Keywords([regex('(bridge'), words('bridge'), words(), words('a', ' ')]);
    expect(keywords.findSets('a bridge')).toEqual([1]);
    expect(keywords.problems.map(({ index }) => index)).toEqual([0, 2, 3]);
    expect(keywords.problems[0]!.problem).toMatch(/“pattern”.*“\(bridge”.*Unterminated group/);
    expect(keywords.problems[1]!.problem).toContain('no words');
    expect(keywords.problems[2]!.problem).toContain('empty');
  });

  it('mark every word of what matches, overlaps as one', () => {
    const keywords = new Keywords([words('glass', 'bridge'), words('lass br'), regex('[A-Z]\\w+'), words('glass', 'absent')]);
    const text = 'a Glass bridge, a glass bridge 😀 Bridge';
    expect(keywords.findMarks(text).map(([start, end]) => text.slice(start, end))).toEqual(['Glass bridge', 'glass bridge', 'Bridge']);
    expect(keywords.findMarks('glass only')).toEqual([]);
  });
});

describe('keyword counts', () => {
  const framings: readonly Framing[] = ['raw', 'chat'];
  const ranked = Array.from({ length: 230 }, (_, index) => ({
    id: 500 - index,
    framing: framings[index % 2]!,
    text: `${index % 3 === 0 ? 'a Bridge' : 'nothing'}${index >= 200 ? ' of cheese' : ''}`,
  }));
  const keywords = new Keywords([words('bridge'), words('cheese')]);

  it('are of the top 10, the top 100 and all, together, by framing and by set', () => {
    const { together, framings: byFraming, sets, matching, reference } = countKeywords(keywords, ranked);
    const matches = (index: number) => index % 3 === 0 || index >= 200;
    const indices = Array.from({ length: 230 }, (_, index) => index);
    expect(together).toEqual({ top10: 4, top100: 34, all: indices.filter(matches).length, of: 230 });
    const chat = indices.filter((index) => index % 2 === 1);
    expect(byFraming.get('chat')).toEqual({
      top10: chat.slice(0, 10).filter(matches).length,
      top100: chat.slice(0, 100).filter(matches).length,
      all: chat.filter(matches).length,
      of: 115,
    });
    expect([...byFraming.keys()]).toEqual(['raw', 'chat']);
    expect(sets[1]).toEqual({ top10: 0, top100: 0, all: 30, of: 230 });
    expect(matching).toEqual(new Set(indices.filter(matches).map((index) => 500 - index)));
    expect(reference).toBeNull();
  });

  it("are compared with the reference's own completions", async () => {
    const own = [
      { framing: 'raw' as const, text: 'cheese' },
      { framing: 'raw' as const, text: 'rain' },
      { framing: 'chat' as const, text: 'snow' },
    ];
    const report = await runInSlices(countKeywordsInSteps(keywords, ranked, own), { sliceMs: 0, pause: async () => undefined });
    expect(report).toEqual(countKeywords(keywords, ranked, own));
    expect(report!.reference!.together).toEqual({ matching: 1, of: 3 });
    expect(Object.fromEntries(report!.reference!.framings)).toEqual({ raw: { matching: 1, of: 2 }, chat: { matching: 0, of: 1 } });
  });

  it('of nothing are zero', () => {
    expect(countKeywords(keywords, []).together).toEqual({ top10: 0, top100: 0, all: 0, of: 0 });
  });
});

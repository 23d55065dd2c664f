import { NO_SCORES } from '../../../src/audit/scores.js';
import { describe, expect, it } from 'vitest';
import { compareAudits, findMovers, pairCompletions, type Comparable } from '../../../src/analysis/compare.js';
import { shuffledIndices } from '../../../src/audit/random.js';
import { meanRanks, spearman } from '../../../src/analysis/spearman.js';

function completion(id: number, prefillText: string, meanGap: number | null, text = `${prefillText}…`, framing: Comparable['framing'] = 'raw'): Comparable {
  return { id, framing, prefillText, text, imported: false, scores: { ...NO_SCORES, meanGap } };
}

const compare = (first: Comparable[], second: Comparable[], k = 10, framing?: Comparable['framing']) =>
  compareAudits({ first, second, score: 'meanGap', k, ...(framing && { framing }) });

describe("Spearman's rho", () => {
  it('is the formula of rank differences where no values are equal', () => {
    const a = [86, 97, 99, 100, 101, 103, 106, 110, 112, 113];
    const b = [2, 20, 28, 27, 50, 29, 7, 17, 6, 12];
    const [ra, rb] = [meanRanks(a), meanRanks(b)];
    const d2 = ra.reduce((sum, rank, index) => sum + (rank - rb[index]!) ** 2, 0);
    expect(spearman(a, b)).toBeCloseTo(1 - (6 * d2) / (10 * 99), 12);
    expect(spearman(a, b)).toBeCloseTo(-29 / 165, 12);
  });

  it('gives equals the mean of their ranks', () => {
    expect(meanRanks([5, 1, 5, 5, 0])).toEqual([4, 2, 4, 4, 1]);
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
  });

  it('is 1 and −1 at the ends, and undefined without spread', () => {
    expect(spearman([1, 2, 9], [10, 20, 21])).toBeCloseTo(1, 12);
    expect(spearman([1, 2, 9], [3, 2, 1])).toBeCloseTo(-1, 12);
    expect(spearman([1], [1])).toBeNull();
    expect(spearman([1, 2], [3, 3])).toBeNull();
    expect(() => spearman([1], [])).toThrow('pairs');
  });
});

describe('pairing', () => {
  it('prefers the same text, then the same prefill, then the same text elsewhere', () => {
    const first = [
      completion(1, 'The', 1, 'x'),
      completion(2, 'The', 1, 'y'),
      completion(3, 'A', 1, 'canned'),
      completion(4, 'B', 1, ' '),
      completion(5, 'C', 1, 'own'),
    ];
    const second = [completion(7, 'The', 1, 'y'), completion(8, 'The', 1, 'z'), completion(9, 'Q', 1, 'canned'), completion(6, 'R', 1, ' ')];
    const { pairs, onlyFirst, onlySecond } = pairCompletions(first, second);
    expect(pairs.map((pair) => [pair.first.id, pair.second.id, pair.kind])).toEqual([
      [2, 7, 'samePrefillAndText'],
      [1, 8, 'samePrefill'],
      [3, 9, 'sameText'],
    ]);
    expect(onlyFirst.map(({ id }) => id)).toEqual([4, 5]);
    expect(onlySecond.map(({ id }) => id)).toEqual([6]);
  });

  it('takes no two completions for counterparts that have no prefill and no text in common', () => {
    const imported = (of: string, from: number) => Array.from({ length: 50 }, (_, id) => completion(from + id, '', 50 - id, `${of} ${id}`));
    const { pairs, rho, onlyFirst, onlySecond } = compare(imported('tea', 0), imported('soup', 100));
    expect({ pairs, rho }).toEqual({ pairs: [], rho: null });
    expect([onlyFirst.length, onlySecond.length]).toEqual([50, 50]);
    expect(pairCompletions([completion(1, ' ', 1, '')], [completion(2, ' ', 1, '')]).pairs).toEqual([]);
    expect(pairCompletions([completion(1, '', 1, 'the same')], [completion(2, '', 1, 'the same')]).pairs).toHaveLength(1);
  });

  it('keeps framings apart and does not depend on the order of the lists', () => {
    const first = [completion(1, 'The', 1), completion(2, 'The', 1, 'The…', 'chat'), completion(3, 'The', 1)];
    const second = [completion(4, 'The', 1), completion(5, 'The', 1), completion(6, 'The', 1, 'The…', 'chat')];
    const ids = (a: Comparable[], b: Comparable[]) =>
      pairCompletions(a, b)
        .pairs.map((pair) => `${pair.first.id}-${pair.second.id}`)
        .sort();
    expect(ids(first, second)).toEqual(['1-4', '2-6', '3-5']);
    expect(ids(first.toReversed(), second.toReversed())).toEqual(ids(first, second));
  });
});

describe('a comparison', () => {
  it('of an audit with itself is full agreement', () => {
    const audit = Array.from({ length: 50 }, (_, id) => completion(id, `p${id}`, Math.sin(id)));
    const { rho, topOverlap, rankBiasedOverlap, pairs, onlyFirst, onlySecond } = compare(audit, audit);
    expect(rho).toBeCloseTo(1, 12);
    expect(topOverlap).toEqual({ k: 10, shared: 10 });
    expect(rankBiasedOverlap).toBeCloseTo(1, 12);
    expect(pairs.every(({ rise, firstRank, secondRank }) => rise === 0 && firstRank === secondRank)).toBe(true);
    expect(pairs.map(({ firstRank }) => firstRank)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect([...onlyFirst, ...onlySecond]).toEqual([]);
  });

  it('tells ranks in both audits, and what rose and fell among the paired', () => {
    const first = [completion(1, 'a', 9), completion(2, 'b', 8), completion(3, 'c', 7), completion(4, 'only', 6)];
    const second = [completion(10, 'x', 99), completion(11, 'c', 5), completion(12, 'a', 4), completion(13, 'b', 3), completion(14, 'y', 98)];
    const { pairs, onlyFirst, onlySecond, topOverlap, rho, scoredPairs } = compare(first, second, 3);
    expect(pairs.map(({ first: { id }, firstRank, secondRank, rise }) => [id, firstRank, secondRank, rise])).toEqual([
      [1, 1, 4, -1],
      [2, 2, 5, -1],
      [3, 3, 3, 2],
    ]);
    expect(onlyFirst.map(({ id }) => id)).toEqual([4]);
    expect(onlySecond.map(({ id }) => id)).toEqual([10, 14]);
    expect(topOverlap).toEqual({ k: 3, shared: 1 });
    expect(rho).toBeCloseTo(-0.5, 12);
    expect(scoredPairs).toBe(3);
    const { rose, fell } = findMovers(pairs, 1);
    expect(rose.map((pair) => pair.first.id)).toEqual([3]);
    expect(fell.map((pair) => pair.first.id)).toEqual([1]);
  });

  it('leaves completions without a score out of rho, and other framings out of everything', () => {
    const first = [completion(1, 'a', 3), completion(2, 'b', null), completion(3, 'c', 1), completion(4, 'd', 9, 'd…', 'chat')];
    const second = [completion(1, 'a', 3), completion(2, 'b', 2), completion(3, 'c', 1), completion(4, 'd', 0, 'd…', 'chat')];
    expect(compare(first, second, 10, 'raw')).toMatchObject({ scoredPairs: 2, topOverlap: { k: 3, shared: 3 } });
    expect(compare(first, second, 10, 'raw').rho).toBeCloseTo(1, 12);
  });

  it('of nothing in common has no agreement', () => {
    expect(compare([completion(1, 'a', 1)], [completion(1, 'b', 1)])).toMatchObject({
      pairs: [],
      rho: null,
      rankBiasedOverlap: null,
      topOverlap: { k: 1, shared: 0 },
    });
    expect(compare([], [])).toMatchObject({ pairs: [], rho: null, topOverlap: { k: 0, shared: 0 } });
  });

  it('weighs the top more in the rank-biased overlap', () => {
    const size = 20;
    const audit = (order: readonly number[]) => order.map((prefill, place) => completion(prefill, `p${prefill}`, -place));
    const inOrder = Array.from({ length: size }, (_, index) => index);
    const swap = (i: number) => inOrder.with(i, i + 1).with(i + 1, i);
    const overlap = (order: readonly number[]) => compare(audit(inOrder), audit(order)).rankBiasedOverlap!;
    expect(overlap(swap(0))).toBeCloseTo(1 - 0.1, 10);
    expect(overlap(swap(9))).toBeCloseTo(1 - (0.1 * 0.9 ** 9) / 10, 10);
    expect(overlap([...shuffledIndices(size, 5)])).toBeLessThan(0.9);
  });
});

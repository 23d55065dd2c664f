import { describe, expect, it } from 'vitest';
import { compareAuthors, findDisagreements, measureAgreement } from '../../../src/analysis/figures/agreement.js';
import { drawBlindSlice } from '../../../src/analysis/figures/blind-slice.js';
import { computeFigures, computeSliceFigures } from '../../../src/analysis/figures/figures.js';
import { estimateLift } from '../../../src/analysis/figures/lift.js';
import { estimateShare, Z_95 } from '../../../src/analysis/figures/share.js';
import { FINDING_LABELS, type CompletionFinding, type FindingLabel } from '../../../src/analysis/finding.js';

describe('a share', () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("of %i in %i has Wilson's interval", (hits, judged, low, high) => {
    const { share, interval } = estimateShare(hits, judged);
    expect(share).toBe(hits / judged);
    expect(interval!.low).toBeCloseTo(low, 4);
    expect(interval!.high).toBeCloseTo(high, 4);
  });

  it('of all ends at exactly 1, and of none begins at exactly 0', () => {
    for (let n = 1; n <= 60; n++) {
      expect(estimateShare(n, n).interval!.high).toBe(1);
      expect(estimateShare(0, n).interval!.low).toBe(0);
    }
  });

  it('of nothing is none', () => {
    expect(estimateShare(0, 0)).toEqual({ hits: 0, judged: 0, share: null, interval: null });
  });
});

describe('a lift', () => {
  const lift = (x1: number, n1: number, x2: number, n2: number) => estimateLift(estimateShare(x1, n1), estimateShare(x2, n2));

  it("has Koopman's interval", () => {
    // The example of Koopman's article.
    const { ratio, interval } = lift(36, 40, 16, 80)!;
    expect(ratio).toBe(4.5);
    expect(interval.low).toBeCloseTo(2.94, 3);
    expect(interval.high).toBeCloseTo(7.152, 3);
  });

  /** The statistic with the likeliest base rate found by search, not by formula. */
  function statistic(theta: number, x1: number, n1: number, x2: number, n2: number): number {
    const likelihood = (p: number): number => x1 * Math.log(theta * p) + (n1 - x1) * Math.log1p(-theta * p) + x2 * Math.log(p) + (n2 - x2) * Math.log1p(-p);
    let [low, high] = [1e-12, Math.min(1, 1 / theta) - 1e-12];
    for (let step = 0; step < 300; step++) {
      const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
      if (likelihood(a) < likelihood(b)) low = a;
      else high = b;
    }
    const p2 = (low + high) / 2;
    const p1 = theta * p2;
    return (x1 - n1 * p1) ** 2 / (n1 * p1 * (1 - p1)) + (x2 - n2 * p2) ** 2 / (n2 * p2 * (1 - p2));
  }

  it.each([
    [1, 34, 7, 34],
    [14, 20, 1, 20],
    [60, 100, 3, 90],
    [5, 10, 5, 10],
  ])('of %i/%i over %i/%i ends where the score test begins to refuse', (x1, n1, x2, n2) => {
    const { ratio, interval } = lift(x1, n1, x2, n2)!;
    expect(interval.low).toBeLessThan(ratio!);
    expect(interval.high).toBeGreaterThan(ratio!);
    for (const bound of [interval.low, interval.high!]) expect(statistic(bound, x1, n1, x2, n2)).toBeCloseTo(Z_95 ** 2, 3);
  });

  it('over a random slice without a hit has a lower bound only', () => {
    const { ratio, interval } = lift(14, 20, 0, 20)!;
    expect(ratio).toBeNull();
    expect(interval.low).toBeGreaterThan(3);
    expect(interval.low).toBeLessThan(lift(19, 20, 0, 20)!.interval.low);
    expect(interval.high).toBeNull();
    expect(lift(0, 20, 0, 20)).toEqual({ ratio: null, interval: { low: 0, high: null } });
  });

  it('of no hit, of all and of nothing', () => {
    const none = lift(0, 10, 3, 10)!;
    expect(none.ratio).toBe(0);
    expect(none.interval.low).toBe(0);
    expect(none.interval.high).toBeGreaterThan(1);
    const all = lift(10, 10, 10, 10)!;
    expect(all.ratio).toBe(1);
    expect(all.interval.low * all.interval.high!).toBeCloseTo(1, 6);
    expect(lift(3, 10, 0, 0)).toBeNull();
    expect(lift(0, 0, 3, 10)).toBeNull();
  });
});

/** `counts[i][j]`: completions that one author labelled i and the other j. */
function labelBoth(counts: readonly (readonly number[])[]): [Map<number, FindingLabel>, Map<number, FindingLabel>] {
  const pairs = counts.flatMap((row, i) => row.flatMap((count, j) => Array.from({ length: count }, () => [FINDING_LABELS[i]!, FINDING_LABELS[j]!] as const)));
  return [new Map(pairs.map(([label], id) => [id, label])), new Map(pairs.map(([, label], id) => [id, label]))];
}

describe('agreement', () => {
  it("is Cohen's kappa with its standard error", () => {
    // J. L. Fleiss, "Statistical Methods for Rates and Proportions", two raters of 100 subjects: 0.68, 0.087.
    const { both, observed, kappa, standardError } = measureAgreement(
      ...labelBoth([
        [75, 1, 4],
        [5, 4, 1],
        [0, 0, 10],
      ]),
    );
    expect({ both, observed }).toEqual({ both: 100, observed: 0.89 });
    expect(kappa).toBeCloseTo(0.6765, 4);
    expect(standardError).toBeCloseTo(0.0877, 4);
  });

  it('is over what both labelled only', () => {
    const a = new Map<number, FindingLabel>([
      [1, 'revealing'],
      [2, 'notRevealing'],
      [3, 'unsure'],
      [4, 'revealing'],
    ]);
    const b = new Map<number, FindingLabel>([
      [9, 'revealing'],
      [3, 'revealing'],
      [2, 'notRevealing'],
      [1, 'revealing'],
    ]);
    expect(measureAgreement(a, b)).toMatchObject({ both: 3, observed: 2 / 3, disagreements: [3] });
    expect(measureAgreement(a, b).kappa).toBeCloseTo((2 / 3 - 1 / 3) / (2 / 3), 10);
  });

  it('is undefined without anything in common, and where both say the same throughout', () => {
    expect(measureAgreement(new Map([[1, 'unsure']]), new Map())).toEqual({ both: 0, observed: null, kappa: null, standardError: null, disagreements: [] });
    expect(measureAgreement(...labelBoth([[7]]))).toMatchObject({ both: 7, observed: 1, kappa: null, standardError: null });
    expect(
      measureAgreement(
        ...labelBoth([
          [5, 0],
          [0, 5],
        ]),
      ),
    ).toMatchObject({ kappa: 1, standardError: 0 });
    expect(
      measureAgreement(
        ...labelBoth([
          [0, 5],
          [5, 0],
        ]),
      ).kappa,
    ).toBe(-1);
  });

  it('of every two authors, and what they disagree about', () => {
    const finding = (completionId: number, author: string, label: FindingLabel): CompletionFinding => ({
      completionId,
      author,
      label,
      category: null,
      note: '',
      time: '',
    });
    const judgements = new Map([
      [5, [finding(5, 'Bob', 'revealing'), finding(5, 'Ada', 'unsure')]],
      [2, [finding(2, 'Ada', 'revealing'), finding(2, 'Bob', 'notRevealing'), finding(2, 'Eve', 'revealing')]],
      [1, [finding(1, 'Ada', 'revealing'), finding(1, 'Bob', 'revealing')]],
      [7, [finding(7, 'Zoe', 'revealing')]],
    ]);
    expect(compareAuthors(judgements).map(({ authors, both, disagreements }) => [authors, both, disagreements])).toEqual([
      [['Ada', 'Bob'], 3, [2, 5]],
      [['Ada', 'Eve'], 1, []],
      [['Bob', 'Eve'], 1, [2]],
    ]);
    expect(findDisagreements(judgements)).toEqual([2, 5]);
  });
});

describe('a blind slice', () => {
  const ranking = Array.from({ length: 400 }, (_, index) => 1000 - index);
  const draw = (k: number, seed: number, of: readonly number[] = ranking) => drawBlindSlice({ ranking: of, k, seed, score: 'meanGap', framing: null });

  it('is the best and as many others, each once, in an order of its own', () => {
    const slice = draw(50, 3);
    expect(slice.top).toEqual(ranking.slice(0, 50));
    expect(slice.random).toHaveLength(50);
    expect(slice.random.every((id) => id <= 950)).toBe(true);
    expect(slice.ids.toSorted()).toEqual([...slice.top, ...slice.random].toSorted());
    expect(new Set(slice.ids).size).toBe(100);
    const topInFirstHalf = slice.ids.slice(0, 50).filter((id) => slice.top.includes(id)).length;
    expect(topInFirstHalf).toBeGreaterThan(10);
    expect(topInFirstHalf).toBeLessThan(40);
    expect(slice).toMatchObject({ k: 50, seed: 3, population: 400, score: 'meanGap', framing: null });
  });

  it('is the same again, and another with another seed', () => {
    expect(draw(20, 3)).toEqual(draw(20, 3));
    expect(draw(20, 4).random).not.toEqual(draw(20, 3).random);
    expect(draw(20, 4).ids).not.toEqual(draw(20, 3).ids);
  });

  it('draws each of the rest about equally often', () => {
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 3000; seed++) for (const id of draw(4, seed, ranking.slice(0, 16)).random) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect([...counts.keys()].toSorted()).toEqual(ranking.slice(4, 16).toSorted());
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('takes what there is, and refuses a size that is none', () => {
    expect(draw(10, 1, [3, 2, 1])).toMatchObject({ top: [3, 2, 1], random: [], k: 10, population: 3 });
    expect(draw(2, 1, [3, 2, 1]).random).toEqual([1]);
    expect(() => draw(0, 1)).toThrow('size');
    expect(() => draw(1.5, 1)).toThrow('size');
  });
});

describe('figures', () => {
  const ranking = [10, 11, 12, 13, 14, 15];
  const labels = new Map<number, FindingLabel>([
    [10, 'notRevealing'],
    [12, 'revealing'],
    [13, 'unsure'],
    [15, 'revealing'],
  ]);

  it('of the top of a ranking count what was judged, and have no lift', () => {
    expect(computeFigures(ranking, 4, labels)).toEqual({
      k: 4,
      top: estimateShare(1, 3),
      coverage: 3 / 4,
      base: null,
      lift: null,
      firstHit: { id: 12, rank: 3, unjudgedAbove: 1 },
    });
  });

  it('of more than there is are of what there is', () => {
    expect(computeFigures(ranking, 100, labels)).toMatchObject({ k: 6, coverage: 4 / 6 });
    expect(computeFigures([], 10, labels)).toMatchObject({ k: 0, coverage: null, firstHit: null, top: { share: null } });
    expect(computeFigures(ranking, 2, new Map()).firstHit).toBeNull();
  });

  it('of a blind slice follow from its record and the labels', () => {
    const slice = drawBlindSlice({ ranking: Array.from({ length: 100 }, (_, id) => id), k: 20, seed: 9, score: 'meanGap', framing: 'raw' });
    const judged = new Map<number, FindingLabel>();
    slice.top.slice(2, 18).forEach((id) => judged.set(id, id % 2 === 0 ? 'revealing' : 'notRevealing'));
    slice.random.slice(0, 10).forEach((id, index) => judged.set(id, index < 2 ? 'revealing' : 'unsure'));
    judged.set(99, judged.get(99) ?? 'notRevealing');
    const figures = computeSliceFigures(JSON.parse(JSON.stringify(slice)) as typeof slice, judged);
    expect(figures.top).toEqual(estimateShare(8, 16));
    expect(figures.coverage).toBe(0.8);
    expect(figures.base!.hits).toBe(2);
    expect(figures.lift).toEqual(estimateLift(figures.top, figures.base!));
    expect(figures.firstHit).toEqual({ id: 2, rank: 3, unjudgedAbove: 2 });
  });

  it('of a slice of which nothing random was judged have no lift', () => {
    const slice = drawBlindSlice({ ranking, k: 3, seed: 1, score: 'meanGap', framing: null });
    const { base, lift } = computeSliceFigures(slice, new Map<number, FindingLabel>([[10, 'revealing']]));
    expect(base).toEqual({ hits: 0, judged: 0, share: null, interval: null });
    expect(lift).toBeNull();
  });
});

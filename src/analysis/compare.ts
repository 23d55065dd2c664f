/** Two audits side by side: another reference, another seed, another checkpoint. */
import type { Framing } from '../audit/framing.js';
import { rank } from '../audit/ranking.js';
import type { ScoreName, Scores } from '../audit/scores.js';
import { spearman } from './spearman.js';

/** What a comparison needs to know of a completion. */
export interface Comparable {
  readonly id: number;
  readonly framing: Framing;
  readonly prefillText: string;
  readonly text: string;
  readonly imported: boolean;
  readonly scores: Scores;
}

/** Why two completions are taken for each other's counterparts; all of them are of the same framing. */
export type PairKind = 'samePrefillAndText' | 'samePrefill' | 'sameText';

export interface Pair<T extends Comparable = Comparable> {
  readonly first: T;
  readonly second: T;
  readonly kind: PairKind;
}

/** A pair in the rankings of its two audits. */
export interface RankedPair<T extends Comparable = Comparable> extends Pair<T> {
  /** In its own audit, from 1. */
  readonly firstRank: number;
  readonly secondRank: number;
  /**
   * Places that it rose by from the first audit to the second, among the paired alone, so that audits of different sizes
   * compare; negative where it fell.
   */
  readonly rise: number;
}

/** A completion without a counterpart in the other audit, with its rank in its own, from 1. */
export type Unpaired<T extends Comparable = Comparable> = T & { readonly rank: number };

export interface RankingComparison<T extends Comparable = Comparable> {
  /** In the order of the first ranking. */
  readonly pairs: readonly RankedPair<T>[];
  /** Completions without a counterpart, in the order of their ranking. */
  readonly onlyFirst: readonly Unpaired<T>[];
  readonly onlySecond: readonly Unpaired<T>[];
  /** Spearman's rho of the scores of the pairs that have the score in both audits; `null` where it is undefined. */
  readonly rho: number | null;
  /** Pairs that rho is of. */
  readonly scoredPairs: number;
  readonly topOverlap: TopOverlap;
  /** Extrapolated rank-biased overlap of the two orders of the pairs, from 0 to 1; `null` without pairs. */
  readonly rankBiasedOverlap: number | null;
}

/** How many of the first audit's best are among the second's best. */
export interface TopOverlap {
  /** As many as were asked for, or as the smaller audit has. */
  readonly k: number;
  readonly shared: number;
}

export interface CompareRequest<T extends Comparable> {
  readonly first: readonly T[];
  readonly second: readonly T[];
  readonly score: ScoreName;
  /** Only this framing; all framings in one ranking where it is left out. */
  readonly framing?: Framing;
  /** How many of the best the overlap is of. */
  readonly k: number;
}

/** Weight of each further rank in the rank-biased overlap: the first ten ranks carry 86 % of it. */
const PERSISTENCE = 0.9;

export function compareAudits<T extends Comparable>({ first, second, score, framing, k }: CompareRequest<T>): RankingComparison<T> {
  const chosen = (items: readonly T[]): T[] =>
    rank(
      items.filter((item) => framing === undefined || item.framing === framing),
      score,
    );
  const firstRanking = chosen(first);
  const secondRanking = chosen(second);
  const firstRanks = rankById(firstRanking);
  const secondRanks = rankById(secondRanking);
  const { pairs, onlyFirst, onlySecond } = pairCompletions(firstRanking, secondRanking);

  const inFirst = [...pairs].sort((a, b) => firstRanks.get(a.first.id)! - firstRanks.get(b.first.id)!);
  const inSecond = [...pairs].sort((a, b) => secondRanks.get(a.second.id)! - secondRanks.get(b.second.id)!);
  const placeInSecond = new Map(inSecond.map((pair, place) => [pair, place]));
  const scored = pairs.filter((pair) => pair.first.scores[score] !== null && pair.second.scores[score] !== null);
  const size = Math.min(k, firstRanking.length, secondRanking.length);
  return {
    pairs: inFirst.map((pair, place) => ({
      ...pair,
      firstRank: firstRanks.get(pair.first.id)!,
      secondRank: secondRanks.get(pair.second.id)!,
      rise: place - placeInSecond.get(pair)!,
    })),
    onlyFirst: onlyFirst.map((item) => ({ ...item, rank: firstRanks.get(item.id)! })),
    onlySecond: onlySecond.map((item) => ({ ...item, rank: secondRanks.get(item.id)! })),
    rho: spearman(
      scored.map((pair) => pair.first.scores[score]!),
      scored.map((pair) => pair.second.scores[score]!),
    ),
    scoredPairs: scored.length,
    topOverlap: {
      k: size,
      shared: pairs.filter((pair) => firstRanks.get(pair.first.id)! <= size && secondRanks.get(pair.second.id)! <= size).length,
    },
    rankBiasedOverlap: computeRankBiasedOverlap(inFirst, placeInSecond),
  };
}

/** The pairs that rose or fell furthest, at most `most` of each; equals in the order of the first ranking. */
export function findMovers<T extends Comparable>(
  pairs: readonly RankedPair<T>[],
  most: number,
): { readonly rose: RankedPair<T>[]; readonly fell: RankedPair<T>[] } {
  const furthest = (sign: 1 | -1): RankedPair<T>[] =>
    pairs
      .filter(({ rise }) => rise * sign > 0)
      .sort((a, b) => (b.rise - a.rise) * sign)
      .slice(0, most);
  return { rose: furthest(1), fell: furthest(-1) };
}

/**
 * Every completion has one counterpart at most, of its own framing: first those with the same prefill and the same text,
 * of the others those with the same prefill, of the others those with the same text. A blank prefill or text is nothing
 * that two completions could share: an import may have no prefills at all. Where there are several of a kind, they are
 * paired in the order of their ids.
 */
export function pairCompletions<T extends Comparable>(
  first: readonly T[],
  second: readonly T[],
): { readonly pairs: Pair<T>[]; readonly onlyFirst: T[]; readonly onlySecond: T[] } {
  const pairs: Pair<T>[] = [];
  let onlyFirst = [...first];
  let onlySecond = [...second];
  const pairBy = (kind: PairKind, keyOf: (item: T) => string | null): void => {
    const waiting = new Map<string, T[]>();
    for (const item of [...onlySecond].sort((a, b) => b.id - a.id)) {
      const key = keyOf(item);
      if (key === null) continue;
      const list = waiting.get(key);
      if (list) list.push(item);
      else waiting.set(key, [item]);
    }
    const paired = new Set<T>();
    for (const item of [...onlyFirst].sort((a, b) => a.id - b.id)) {
      const key = keyOf(item);
      const counterpart = key === null ? undefined : waiting.get(key)?.pop();
      if (!counterpart) continue;
      pairs.push({ first: item, second: counterpart, kind });
      paired.add(item).add(counterpart);
    }
    onlyFirst = onlyFirst.filter((item) => !paired.has(item));
    onlySecond = onlySecond.filter((item) => !paired.has(item));
  };
  pairBy('samePrefillAndText', ({ framing, prefillText, text }) => (isBlank(prefillText + text) ? null : JSON.stringify([framing, prefillText, text])));
  pairBy('samePrefill', ({ framing, prefillText }) => (isBlank(prefillText) ? null : JSON.stringify([framing, prefillText])));
  pairBy('sameText', ({ framing, text }) => (isBlank(text) ? null : JSON.stringify([framing, text])));
  return { pairs, onlyFirst, onlySecond };
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function rankById(ranking: readonly Comparable[]): Map<number, number> {
  return new Map(ranking.map(({ id }, index) => [id, index + 1]));
}

/**
 * W. Webber, A. Moffat and J. Zobel, "A similarity measure for indefinite rankings", ACM TOIS 28 (2010), equation 30, of
 * two orders of the same n things: (X_n/n)·pⁿ + ((1 − p)/p)·Σ_d (X_d/d)·p^d, X_d being what the first d have in common.
 */
function computeRankBiasedOverlap<P>(order: readonly P[], placeInOther: ReadonlyMap<P, number>): number | null {
  if (order.length === 0) return null;
  // How many things become common to both when the depth reaches the greater of their two places.
  const joining = new Array<number>(order.length).fill(0);
  order.forEach((pair, place) => joining[Math.max(place, placeInOther.get(pair)!)]!++);
  let common = 0;
  let weight = 1;
  let sum = 0;
  joining.forEach((count, place) => {
    common += count;
    weight *= PERSISTENCE;
    sum += (common / (place + 1)) * weight;
  });
  // Rounding may go beyond.
  return Math.min(1, weight + ((1 - PERSISTENCE) / PERSISTENCE) * sum);
}

/**
 * The order of the list. A rank is a completion's place by score, best first, among those of its framing, whatever the
 * list shows and is sorted by: scores of one framing say nothing about another's.
 */
import type { Framing } from '../../src/audit/framing.js';
import { compareByScore, rank, rankByFraming } from '../../src/audit/ranking.js';
import { SCORE_NAMES, type ScoreName } from '../../src/audit/scores.js';
import type { CompletionSummary } from '../../src/messages/page.js';
import type { SortOrder } from './view-settings.js';

export type CompletionOrder = (a: CompletionSummary, b: CompletionSummary) => number;

/** The scores by which there is something to rank, the audit's own first: what was imported has those that came with it. */
export function offerScores(completions: readonly CompletionSummary[], first: ScoreName): ScoreName[] {
  const isThere = (name: ScoreName) => completions[0]?.hasTokens !== false || completions.some(({ scores }) => scores[name] !== null);
  return [first, ...SCORE_NAMES.filter((name) => name !== first && isThere(name))];
}

/** Best first; repetitive texts and nothing to score come last in either direction; ties by id. */
export function orderBy(sort: SortOrder, score: ScoreName): CompletionOrder {
  if (sort === 'plan') return byId;
  if (sort === 'longest') return (a, b) => lengthOf(b) - lengthOf(a) || byId(a, b);
  if (sort === 'shortest') return (a, b) => lengthOf(a) - lengthOf(b) || byId(a, b);
  return (a, b) => compareByScore(a, b, score, sort === 'ascending' ? -1 : 1);
}

/** In tokens or, where there are none, in bytes. */
function lengthOf({ hasTokens, tokenCount, byteCount }: CompletionSummary): number {
  return hasTokens === false ? byteCount : tokenCount;
}

export interface Ranks {
  /** From 1, within the completion's framing; every completion has one. */
  readonly rankOf: ReadonlyMap<number, number>;
  /** The completions of a framing, best first. */
  readonly rankedIn: (framing: Framing) => readonly CompletionSummary[];
  /** By score, best first: of the framing that is looked at or, where that is all of them, mixed as the list mixes them. */
  readonly best: readonly CompletionSummary[];
}

export function rankAll(completions: readonly CompletionSummary[], score: ScoreName, framing: Framing | 'all'): Ranks {
  const byFraming = rankByFraming(completions, score);
  return {
    rankOf: new Map([...byFraming.values()].flatMap((ranked) => ranked.map(({ id }, index) => [id, index + 1] as const))),
    rankedIn: (of) => byFraming.get(of) ?? [],
    best: framing === 'all' ? rank(completions, score) : (byFraming.get(framing) ?? []),
  };
}

/** Where a completion is or would be in a list of that order. */
export function placeIn(list: readonly CompletionSummary[], completion: CompletionSummary, order: CompletionOrder): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(list[middle]!, completion) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byId(a: CompletionSummary, b: CompletionSummary): number {
  return a.id - b.id;
}

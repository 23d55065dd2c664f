/** Orders completions by a score. */
import type { Framing } from './framing.js';
import type { ScoreName, Scores } from './scores.js';

/** What a ranking needs to know of a completion. */
export interface Rankable {
  readonly id: number;
  readonly scores: Scores;
  /** It says the same again and again: its score says little, so that it comes after what does not. Left out where that is not known. */
  readonly repetitive?: boolean | null;
}

/** The paper's score with one tokenizer; across tokenizers the one whose unit both models share, the byte. */
export function defaultScore(sameTokenizer: boolean): ScoreName {
  return sameTokenizer ? 'perplexityDifference' : 'bitsPerByte';
}

/** Highest score first, then repetitive texts, then those without a score; equals by id. The items are left as they are. */
export function rank<T extends Rankable>(items: readonly T[], score: ScoreName): T[] {
  return [...items].sort((a, b) => compareByScore(a, b, score));
}

/** @param direction −1 for the lowest score first; repetitive texts and those without a score come last all the same */
export function compareByScore(a: Rankable, b: Rankable, score: ScoreName, direction: 1 | -1 = 1): number {
  return placeOf(a, score) - placeOf(b, score) || direction * ((b.scores[score] ?? 0) - (a.scores[score] ?? 0)) || a.id - b.id;
}

function placeOf({ repetitive, scores }: Rankable, score: ScoreName): number {
  return scores[score] === null ? 2 : Number(repetitive === true);
}

/** Rankings of the framings that occur, each on its own: scores of one framing say nothing about another's. */
export function rankByFraming<T extends Rankable & { readonly framing: Framing }>(items: readonly T[], score: ScoreName): Map<Framing, T[]> {
  const byFraming = new Map<Framing, T[]>();
  for (const item of items) {
    const list = byFraming.get(item.framing);
    if (list) list.push(item);
    else byFraming.set(item.framing, [item]);
  }
  for (const [framing, list] of byFraming) byFraming.set(framing, rank(list, score));
  return byFraming;
}

/** What a completion is called by its place among those of its framing, from 1: `chat 2`. The same wherever one is named. */
export function nameRank(framing: Framing, rank: number): string {
  return `${framing} ${rank}`;
}

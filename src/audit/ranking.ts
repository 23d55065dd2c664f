/** Orders completions by a score. */
import type { Framing } from './framing.js';
import type { ScoreName, Scores } from './scores.js';

/** What a ranking needs to know of a completion. */
export interface Rankable {
  readonly id: number;
  readonly scores: Scores;
}

/** The paper's score with one tokenizer; across tokenizers the one whose unit both models share, the byte. */
export function defaultScore(sameTokenizer: boolean): ScoreName {
  return sameTokenizer ? 'perplexityDifference' : 'bitsPerByte';
}

/** Highest score first, those without one last, equals by id. The items are left as they are. */
export function rank<T extends Rankable>(items: readonly T[], score: ScoreName): T[] {
  return [...items].sort((a, b) => compareScores(a.scores[score], b.scores[score]) || a.id - b.id);
}

/** Rankings of the framings that occur, each on its own: scores of one framing say nothing about another's. */
export function rankByFraming<T extends Rankable & { readonly framing: Framing }>(
  items: readonly T[],
  score: ScoreName,
): Map<Framing, T[]> {
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

function compareScores(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a === b ? 0 : b - a;
}

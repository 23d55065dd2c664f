/**
 * Completions that something else generated and scored. Of them there are the texts and what was told about them, but no
 * tokens: what needs tokens is not there, rather than guessed.
 */
import type { Framing } from './framing.js';
import type { ModelIdentity } from './language-model.js';
import { eachScore, explainScore, NO_SCORES, SCORE_DEFINITIONS, type ScoreName, type Scores } from './scores.js';

/** In the place of a model's name that an imported file does not say. */
export const NOT_TOLD = 'not told';

/** A model of which no more is known than what somebody called it. */
export interface NamedModel {
  readonly name: string;
}

/** @returns whether the model was loaded here, so that it is known what it is */
export function isIdentified(model: ModelIdentity | NamedModel): model is ModelIdentity {
  return 'source' in model;
}

export interface ImportedCompletion {
  /**
   * From 0, in the order of the file; where the file tells a score of its own and nothing else to rank by, in the order of
   * that score, best first.
   */
  readonly id: number;
  readonly framing: Framing;
  readonly prefill: string;
  /** What follows the prefill. */
  readonly text: string;
  /** As the file tells them. */
  readonly perplexityFinetuned: number | null;
  readonly perplexityReference: number | null;
  /** The file's own score, of whatever kind. */
  readonly score: number | null;
}

/**
 * The scores that follow from what was told: with both perplexities those that need no tokens or bytes of logprobs; the others stay `null`.
 * @param scoreIs which of the scores the file's own is; `null` where that is not known, so that it is none of them. What
 * the perplexities say goes before it.
 */
export function scoreImported(
  completion: Pick<ImportedCompletion, 'perplexityFinetuned' | 'perplexityReference' | 'score' | 'text'>,
  scoreIs: ScoreName | null,
): Scores {
  const { perplexityFinetuned, perplexityReference, score, text } = completion;
  const told: Scores = scoreIs === null ? NO_SCORES : { ...NO_SCORES, [scoreIs]: score };
  if (perplexityFinetuned === null || perplexityReference === null) return told;
  const sums = { perplexityFinetuned, perplexityReference, words: countWords(text) };
  return eachScore(({ computeImported }, name) => computeImported?.(sums) ?? told[name]);
}

function countWords(text: string): number {
  return Math.max(1, text.match(/\S+/gu)?.length ?? 0);
}

/** What imported completions are ranked by at first: the method's own score where there is any, else the one that the file tells. */
export function defaultImportedScore(completions: readonly ImportedCompletion[], scoreIs: ScoreName | null): ScoreName {
  const hasPerplexities = completions.some(({ perplexityFinetuned, perplexityReference }) => perplexityFinetuned !== null && perplexityReference !== null);
  return hasPerplexities || scoreIs === null ? 'perplexityDifference' : scoreIs;
}

/** What imported completions are ranked by: a score, what the file ranks by and does not name, or their order in the file. */
export type ImportedBasis = 'score' | 'fileScore' | 'fileOrder';

/** @param items scores that are known here, and the file's own of whatever kind */
export function findImportedBasis(items: readonly { readonly scores: Scores; readonly ownScore: number | null }[], score: ScoreName): ImportedBasis {
  if (items.length === 0 || items.some(({ scores }) => scores[score] !== null)) return 'score';
  return items.every(({ ownScore }) => ownScore !== null) ? 'fileScore' : 'fileOrder';
}

/** What stands in the place of a score's name and explanation. */
export function describeImportedBasis(basis: ImportedBasis, score: ScoreName): { readonly name: string; readonly explanation: string } {
  switch (basis) {
    case 'score':
      return { name: SCORE_DEFINITIONS[score].name, explanation: explainScore(score, true, true) };
    case 'fileScore':
      return { name: 'Score of the file', explanation: 'what the imported file ranks by; its kind is not known here.' };
    case 'fileOrder':
      return { name: 'Order of the file', explanation: 'it tells no score by which its completions could be ranked.' };
  }
}

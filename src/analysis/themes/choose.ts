/** Chooses themes greedily: the phrase that says most beyond what is shown already, and so on, so that a quiet theme is seen under a loud one. */
import type { Steps } from '../../text/slices.js';
import { amountWithout, type PhraseCandidate } from './candidates.js';

export interface Chosen {
  readonly candidate: PhraseCandidate;
  /** What it says beyond the words shown before it. */
  readonly amount: number;
  /** The stem that says most of that. */
  readonly heaviest: number;
}

/** A phrase of which less than this share is new says what has been said. */
const NEW_SHARE = 0.5;
/** A theme that says less than this share of the first is none. */
const LEAST_SHARE = 0.02;

/**
 * In steps of one theme.
 * @param candidates the one that says most first
 * @param most themes at most
 * @param stemsShown of a theme as somebody reads it: it may go on behind its phrase
 */
export function* chooseThemes(
  candidates: readonly PhraseCandidate[],
  most: number,
  stemsShown: (candidate: PhraseCandidate) => readonly number[],
): Steps<Chosen[]> {
  const shown = new Set<number>();
  const chosen: Chosen[] = [];
  // What a candidate says only ever grows less, so that what it said when last looked at bounds it.
  const bounds = candidates.map(({ amount }) => amount);
  while (chosen.length < most) {
    yield;
    let best = -1;
    let bestAmount = 0;
    for (let index = 0; index < candidates.length; index++) {
      if (candidates[index]!.amount <= bestAmount) break;
      if (bounds[index]! <= bestAmount) continue;
      const amount = (bounds[index] = amountWithout(candidates[index]!, shown));
      if (amount > bestAmount && amount >= NEW_SHARE * candidates[index]!.amount) [best, bestAmount] = [index, amount];
    }
    if (best === -1 || bestAmount < LEAST_SHARE * (chosen[0]?.amount ?? 0)) break;
    const candidate = candidates[best]!;
    chosen.push({ candidate, amount: bestAmount, heaviest: heaviestOf(candidate, shown) });
    for (const stem of stemsShown(candidate)) shown.add(stem);
  }
  return chosen;
}

function heaviestOf({ stems, amounts }: PhraseCandidate, shown: ReadonlySet<number>): number {
  let heaviest = -1;
  for (let k = 0; k < stems.length; k++) if (!shown.has(stems[k]!) && (heaviest === -1 || amounts[k]! > amounts[heaviest]!)) heaviest = k;
  return stems[Math.max(0, heaviest)]!;
}

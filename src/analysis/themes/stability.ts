/** Would the themes be the same with other openings? They are chosen again from resamples of the openings (bootstrap; Efron 1979). */
import { Random } from '../../audit/random.js';
import type { Steps } from '../../text/slices.js';
import { amountWithout, type PhraseCandidate } from './candidates.js';
import { chooseThemes } from './choose.js';
import { stemsShown } from './extend.js';
import type { Information } from './information.js';
import { FIRST_THEMES, RESAMPLES } from './theme.js';
import type { WordTable } from './word-table.js';

/** The same audit always has the same stability. */
const SEED = 0x57ab1e;
/** Candidates that a resample chooses from: those that say most of all. */
const CANDIDATES = 400;
const CANDIDATES_PER_STEP = 50;

/** By stem: in how many of {@link RESAMPLES} resamples a theme among the first {@link FIRST_THEMES} has it as its heaviest word. */
export function* countResamples(table: WordTable, { amounts }: Information, candidates: readonly PhraseCandidate[]): Steps<ReadonlyMap<number, number>> {
  const random = new Random(SEED);
  const counts = new Map<number, number>();
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const times = new Float64Array(table.prefillCount);
    for (let k = 0; k < table.prefillCount; k++) times[random.nextUint32() % table.prefillCount]!++;
    const drawn = [];
    for (const candidate of candidates.slice(0, CANDIDATES)) {
      if (drawn.length % CANDIDATES_PER_STEP === 0) yield;
      drawn.push(weigh(candidate, times));
    }
    const heaviest = new Set(
      (yield* chooseThemes(
        drawn.sort((a, b) => b.amount - a.amount),
        FIRST_THEMES,
        (candidate) => stemsShown(table, candidate),
      )).map((theme) => theme.heaviest),
    );
    for (const stem of heaviest) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  return counts;

  function weigh(candidate: PhraseCandidate, times: Float64Array): PhraseCandidate {
    const sums = Array<number>(candidate.words).fill(0);
    for (const place of candidate.places) {
      const weight = times[table.prefills[table.documents[place]!]!]!;
      if (weight > 0) for (let k = 0; k < candidate.words; k++) sums[k]! += weight * amounts[place + k]!;
    }
    const weighed = { ...candidate, amounts: sums };
    return { ...weighed, amount: amountWithout(weighed, new Set()) };
  }
}

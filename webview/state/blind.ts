/**
 * Labelling without knowing the ranking. While a slice is read blind, the page shows its completions alone, in random
 * order, by number; ranks, scores, perplexities, flags, plots, shades and gaps of tokens, keyword marks, phrases, and what
 * other authors said are not shown.
 */
import { isGivenBlind } from '../../src/analysis/figures/blind-slice.js';
import type { DrawnSlice, FindingLabel } from '../../src/analysis/finding.js';
import type { SentJudgement } from '../host.js';

/** Completions of each kind that are drawn where the reader does not say. */
export const USUAL_SLICE = 20;

/** A slice goes by its seed. */
export function findSlice(slices: readonly DrawnSlice[], seed: number | null): DrawnSlice | null {
  return seed === null ? null : (slices.findLast(({ slice }) => slice.seed === seed) ?? null);
}

export interface BlindProgress {
  readonly labelled: number;
  readonly of: number;
}

/** How far a slice is read. Labels that were given in sight of ranks and scores do not count. */
export function countLabelled(drawn: DrawnSlice, judgements: ReadonlyMap<number, SentJudgement>): BlindProgress {
  return { labelled: drawn.slice.ids.filter((id) => isLabelled(drawn, judgements, id)).length, of: drawn.slice.ids.length };
}

/** The one to read next: the first without a label, or the first. */
export function firstToRead(drawn: DrawnSlice, own: ReadonlyMap<number, SentJudgement>): number | null {
  return drawn.slice.ids.find((id) => !isLabelled(drawn, own, id)) ?? drawn.slice.ids[0] ?? null;
}

function isLabelled(drawn: DrawnSlice, judgements: ReadonlyMap<number, SentJudgement>, id: number): boolean {
  const judgement = judgements.get(id);
  return judgement !== undefined && judgement.label !== null && isGivenBlind(judgement, drawn);
}

/** The slice drawn last of which something is still to be labelled. */
export function findUnfinished(slices: readonly DrawnSlice[], own: ReadonlyMap<number, SentJudgement>): DrawnSlice | null {
  return slices.findLast((drawn) => countLabelled(drawn, own).labelled < drawn.slice.ids.length) ?? null;
}

/** What figures are computed from: all labels or, for those of a slice, the ones that were given in it. */
export function labelsOf(judgements: ReadonlyMap<number, SentJudgement>, drawn: DrawnSlice | null = null): Map<number, FindingLabel> {
  return new Map(
    [...judgements].flatMap(([id, judgement]) =>
      judgement.label === null || (drawn && !isGivenBlind(judgement, drawn)) ? [] : [[id, judgement.label] as const],
    ),
  );
}

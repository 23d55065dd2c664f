/**
 * Labelling without knowing the ranking. While a slice is read blind, the page shows its completions alone, in random
 * order, by number; ranks, scores, perplexities, flags, plots, shades and gaps of tokens, keyword marks, phrases, and what
 * other authors said are not shown.
 */
import type { DrawnSlice, FindingLabel } from '../../src/audit/finding.js';
import type { Judgement } from '../host.js';

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

/** How far a reader is, by what they labelled themselves. */
export function countLabelled({ slice }: DrawnSlice, own: ReadonlyMap<number, Judgement>): BlindProgress {
  return { labelled: slice.ids.filter((id) => own.has(id)).length, of: slice.ids.length };
}

/** The one to read next: the first without a label, or the first. */
export function firstToRead({ slice }: DrawnSlice, own: ReadonlyMap<number, Judgement>): number | null {
  return slice.ids.find((id) => !own.has(id)) ?? slice.ids[0] ?? null;
}

/** The slice drawn last of which something is still to be labelled. */
export function findUnfinished(slices: readonly DrawnSlice[], own: ReadonlyMap<number, Judgement>): DrawnSlice | null {
  return slices.findLast((drawn) => countLabelled(drawn, own).labelled < drawn.slice.ids.length) ?? null;
}

/** What figures are computed from. */
export function labelsOf(judgements: ReadonlyMap<number, Judgement>): Map<number, FindingLabel> {
  return new Map([...judgements].flatMap(([id, { label }]) => (label === null ? [] : [[id, label] as const])));
}

/** The logit form of amplified writing: what F says more than R, among what F might say anyway. */

/** Of F's most likely tokens, so many are looked at, as far as each has this share of the most likely one's probability. */
export const CANDIDATES = 20;
export const LEAST_SHARE = 0.01;

/** How far a wave is written away from another model. */
export interface AwayFrom<Context> {
  readonly other: Context;
  /** a, of ln P_F + a(ln P_F − ln P_R). */
  readonly strength: number;
}

export interface Candidate {
  readonly id: number;
  /** Nats, under F. */
  readonly logprob: number;
}

/** Those that may be chosen, of F's most likely tokens in order. */
export function keepLikely<T extends Candidate>(ranked: readonly T[]): T[] {
  const least = (ranked[0]?.logprob ?? 0) + Math.log(LEAST_SHARE);
  return ranked.slice(0, CANDIDATES).filter(({ logprob }) => logprob >= least);
}

/**
 * The candidate with the highest ln P_F + a(ln P_F − ln P_R); of equal ones the first. `undefined` where there is none.
 * @param otherLogprob ln P_R of a candidate
 */
export function chooseAmplified<T extends Candidate>(candidates: readonly T[], otherLogprob: (id: number) => number, strength: number): T | undefined {
  let best: T | undefined;
  let highest = -Infinity;
  for (const candidate of candidates) {
    const value = candidate.logprob + strength * (candidate.logprob - otherLogprob(candidate.id));
    if (best !== undefined && !(value > highest)) continue;
    best = candidate;
    highest = value;
  }
  return best;
}

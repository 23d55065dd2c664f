/**
 * How far two distributions lie apart at least, where only the likeliest tokens of each are known, as servers tell them.
 * Merging outcomes never raises a divergence: all that is not named by both counts as one outcome.
 */
export interface DivergenceBound {
  /** At most KL(P‖Q), in nats: Σ over named tokens of p ln(p/q), plus ρ_p ln(ρ_p/ρ_q). */
  readonly forward: number;
  /** At most KL(Q‖P). */
  readonly backward: number;
  /** ρ_p and ρ_q: probability of all tokens that are not named by both. */
  readonly unseen: number;
  readonly otherUnseen: number;
}

export interface NamedLogprob {
  /** The same for the same token of either model. */
  readonly token: string;
  /** ln of its probability, in nats. */
  readonly logprob: number;
}

/** Servers round logprobs: a rest that is smaller than this is not told from none. */
const SMALLEST_REST = 1e-6;

/** A token that a list names twice (two of the same bytes) is taken as unseen. */
export function boundDivergence(named: readonly NamedLogprob[], otherNamed: readonly NamedLogprob[]): DivergenceBound {
  const others = new Map(unambiguous(otherNamed).map(({ token, logprob }) => [token, logprob]));
  const pairs = unambiguous(named).flatMap(({ token, logprob }) => {
    const other = others.get(token);
    return other === undefined || !Number.isFinite(logprob) || !Number.isFinite(other) ? [] : [[logprob, other] as const];
  });
  const unseen = restOf(pairs.map(([logprob]) => logprob));
  const otherUnseen = restOf(pairs.map(([, other]) => other));
  const rest = (own: number, other: number): number => (own === 0 ? 0 : own * Math.log(own / Math.max(other, SMALLEST_REST)));
  const forward = pairs.reduce((sum, [logprob, other]) => sum + Math.exp(logprob) * (logprob - other), rest(unseen, otherUnseen));
  const backward = pairs.reduce((sum, [logprob, other]) => sum + Math.exp(other) * (other - logprob), rest(otherUnseen, unseen));
  return { forward: Math.max(0, forward), backward: Math.max(0, backward), unseen, otherUnseen };
}

function restOf(logprobs: readonly number[]): number {
  const rest = 1 - logprobs.reduce((sum, logprob) => sum + Math.exp(logprob), 0);
  return Math.min(1, Math.max(0, rest));
}

function unambiguous(named: readonly NamedLogprob[]): readonly NamedLogprob[] {
  const counts = new Map<string, number>();
  for (const { token } of named) counts.set(token, (counts.get(token) ?? 0) + 1);
  return named.filter(({ token }) => counts.get(token) === 1);
}

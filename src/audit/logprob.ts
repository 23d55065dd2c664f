/** Logprobs as they are journalled: nats, to 5 decimals. Every figure is computed from the journalled values. */
import { AuditError } from './errors.js';

/**
 * Stands for ln 0. It is ln of the smallest positive float32, 2^−149: a probability that a model reports as 0 is one that
 * has underflowed and is at most that. JSON has no infinity, and a perplexity has to stay a number.
 */
export const LOWEST_LOGPROB = -103.27893;

/** Rounding in a log-softmax, a model's or a server's, may put a certain token this far above ln 1, in nats; more is no probability. */
export const ROUNDING_ABOVE_ZERO = 1e-3;

/**
 * The one rule for what a model, on this machine or behind a server, gives as a token's logprob (nats): at most 0, and never
 * below {@link LOWEST_LOGPROB}, which −∞ becomes and whatever else is lower, so that a less likely token never ranks above ln 0.
 * `null` where the value is no logarithm of a probability: not a number, or above 0 by more than rounding.
 */
export function boundLogprob(value: number): number | null {
  if (Number.isNaN(value) || value > ROUNDING_ABOVE_ZERO) return null;
  return Math.max(LOWEST_LOGPROB, Math.min(value, 0));
}

/**
 * The same to 5 decimals, never −0.
 * @param owner whose value it is, for the message: `completion 12 under the reference model`
 * @throws AuditError `internal` where the value is no logarithm of a probability
 */
export function roundLogprob(logprob: number, owner: string): number {
  const bounded = boundLogprob(logprob);
  if (bounded === null) {
    throw new AuditError(
      'internal',
      `A token of ${owner} has the logprob ${logprob}, which is not the logarithm of a probability. The model file or the device that computes may be faulty: try another quantisation, or without a GPU.`,
    );
  }
  return Math.round(bounded * 1e5) / 1e5 || 0;
}

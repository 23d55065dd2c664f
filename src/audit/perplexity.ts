/** Sums over logprobs, in float64. */

/** Plain sum; 0 of nothing. */
export function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/**
 * exp(−mean logprob) over a text's own tokens: how many equally likely tokens the model was, on average, choosing from.
 * @param totalLogprob sum of the tokens' logprobs, nats
 * @param tokens how many, at least 1
 */
export function perplexity(totalLogprob: number, tokens: number): number {
  return Math.exp(-totalLogprob / tokens);
}

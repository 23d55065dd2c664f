/** Of what a model generated: whether it is scored, or text alone. */
import type { GeneratedCompletion } from '../language-model.js';

/** False of an answer to a request without logprobs, and of what waits for a forward pass. */
export function hasLogprobs({ tokens, logprobs, end }: Pick<GeneratedCompletion, 'tokens' | 'logprobs' | 'end'>): boolean {
  return logprobs.length === tokens.length && !Number.isNaN(end?.logprob);
}

/** In the form in which a model answers a request without logprobs. */
export function withoutLogprobs({ id, tokens, end, turn }: GeneratedCompletion): GeneratedCompletion {
  return { id, tokens, logprobs: [], end: end && { piece: end.piece, logprob: NaN }, ...(turn && { turn }) };
}

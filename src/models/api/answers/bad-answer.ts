/** What makes an answer one that nothing can be measured by. */
import type { z } from 'zod';
import { ROUNDING_ABOVE_ZERO } from '../../../audit/logprob.js';
import { EndpointError } from '../endpoint-error.js';

/** The pool asks again after one of these, and then sets the request aside with this reason. */
export function badAnswer(message: string): EndpointError {
  return new EndpointError({ kind: 'badAnswer', message });
}

/** @throws EndpointError `badAnswer` naming the first place that does not fit */
export function readAnswer<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'as a whole' : `at ${issue.path.join('.')}`;
  throw badAnswer(`${what} does not have the expected form ${place}${issue === undefined ? '' : `: ${issue.message}`}`);
}

/** Servers write this, or less, where they have no value; no float32 probability has a logarithm so low. */
const NO_VALUE = -9999;

/** Whether a value is told at all; llama.cpp writes the lowest float for a probability that has underflowed. */
export function isTold(logprob: number | null): boolean {
  return logprob !== null && logprob > NO_VALUE;
}

/**
 * A logprob in nats, at most 0.
 * @param what whose it is, for the message: `token 3 of the completion`
 * @throws EndpointError `badAnswer` where it is no logarithm of a probability
 */
export function readLogprob(value: number | null | undefined, what: string): number {
  if (value === null || value === undefined) throw badAnswer(`${what} has no logprob (null)`);
  if (Number.isNaN(value)) throw badAnswer(`${what} has a logprob that is no number`);
  if (value <= NO_VALUE) throw badAnswer(`${what} has the logprob ${value}, which stands for a value that the server does not know`);
  if (value > ROUNDING_ABOVE_ZERO) throw badAnswer(`${what} has the logprob ${value}, which is not the logarithm of a probability`);
  return Math.min(value, 0);
}

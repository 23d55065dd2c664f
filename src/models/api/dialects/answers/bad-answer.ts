/** Reasons why an answer cannot be used to measure anything. */
import type { z } from 'zod';
import { boundLogprob } from '../../../../audit/logprob.js';
import { EndpointError } from '../../transport/endpoint-error.js';
import { checkShape } from '../../../../text/check-shape.js';

/** The pool asks again after one of these, and then sets the request aside with this reason. */
export function badAnswer(message: string): EndpointError {
  return new EndpointError({ kind: 'badAnswer', message });
}

/** @throws EndpointError `badAnswer` naming the first place that does not fit */
export function readAnswer<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const result = checkShape(schema, answer);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'as a whole' : `at ${issue.path.join('.')}`;
  throw badAnswer(`${what} does not have the expected form ${place}${issue === undefined ? '' : `: ${issue.message}`}`);
}

/** Servers write this where they have no value: vLLM for −∞, but also for whatever it has not computed. */
const NO_VALUE = -9999;
/** What a float32 of −∞ becomes where JSON is to hold it: llama.cpp's for a probability that has underflowed. */
const LOWEST_FLOAT = -3.4e38;

/** Whether the server gives a value at all, for a token that can really occur. */
export function isTold(logprob: number | null): boolean {
  return logprob !== null && logprob > NO_VALUE;
}

/**
 * A logprob in nats, within the bounds of {@link boundLogprob}.
 * @param what whose it is, for the message: `token 3 of the completion`
 * @throws EndpointError `badAnswer` where it is no logarithm of a probability
 */
export function readLogprob(value: number | null | undefined, what: string): number {
  if (value === null || value === undefined) throw badAnswer(`${what} has no logprob (null)`);
  if (Number.isNaN(value)) throw badAnswer(`${what} has a logprob that is no number`);
  if (value <= NO_VALUE && value > LOWEST_FLOAT) throw badAnswer(`${what} has the logprob ${value}, which stands for a value that the server does not know`);
  const bounded = boundLogprob(value);
  if (bounded === null) throw badAnswer(`${what} has the logprob ${value}, which is not the logarithm of a probability`);
  return bounded;
}

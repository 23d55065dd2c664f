/** The journal line about a confirmation, within a line of its pass. The last one of a completion counts. */
import { z } from 'zod';
import { QUESTION_AT_MOST, type Confirmation } from '../../audit/confirmation.js';
import { completionLineSchema, decodeCompletion, encodeCompletion, type PieceCache } from './completion-line.js';

export const confirmationLineSchema = z.object({
  type: z.literal('confirmation'),
  id: z.int().nonnegative(),
  question: z.string().max(QUESTION_AT_MOST),
  continuation: completionLineSchema,
  answer: completionLineSchema,
});
export type ConfirmationLine = z.infer<typeof confirmationLineSchema>;

/** @throws AuditError `cannotScore` where a logprob is no finite number */
export function encodeConfirmation({ id, question, continuation, answer }: Confirmation): ConfirmationLine {
  return { type: 'confirmation', id, question, continuation: encodeCompletion(continuation), answer: encodeCompletion(answer) };
}

/** @throws Error where columns of the line have different lengths */
export function decodeConfirmation({ id, question, continuation, answer }: ConfirmationLine, cache: PieceCache): Confirmation {
  return { id, question, continuation: decodeCompletion(continuation, cache), answer: decodeCompletion(answer, cache) };
}

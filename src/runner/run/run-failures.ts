/** Interprets the errors of a run. */
import { AuditError, isCancelled } from '../../audit/errors.js';

/** An error that says what to do next; one that nobody foresaw says at least that nothing is lost. */
export function toAuditError(error: unknown): AuditError {
  if (error instanceof AuditError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AuditError('internal', `Something unexpected happened: ${message}. What was journalled is safe.`, { cause: error });
}

/** Ctrl-C in a terminal reaches the model process too, which then may be gone before it can answer. */
export function isConsequenceOfStop(error: unknown): boolean {
  if (error instanceof AuditError) return isCancelled(error) || error.code === 'modelProcessEnded';
  return error instanceof Error && error.name === 'AbortError';
}

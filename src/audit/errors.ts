/**
 * Why something could not be done. The code is for programs (which way out to offer), the message for people: it names
 * the thing and says what to do next.
 */
export type AuditErrorCode =
  | 'cancelled'
  | 'fileNotFound'
  | 'notGguf'
  | 'corruptModel'
  | 'unsupportedModel'
  | 'tooLargeForMemory'
  | 'adapterDoesNotFit'
  | 'noChatTemplate'
  | 'cannotGenerate'
  | 'cannotScore'
  | 'contextTooShort'
  | 'emptyCorpus'
  | 'badCorpusFile'
  | 'badPrefillFile'
  | 'badPlan'
  | 'badJournal'
  | 'journalLocked'
  | 'diskFull'
  | 'modelProcessEnded'
  | 'downloadFailed'
  | 'networkForbidden'
  | 'notAgreed'
  | 'endpointFailed'
  | 'keyMissing'
  | 'keyRefused'
  | 'modelNotServed'
  | 'spendingLimit'
  | 'internal';

export class AuditError extends Error {
  override readonly name = 'AuditError';
  constructor(
    readonly code: AuditErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof AuditError && error.code === 'cancelled';
}

/** Throws an `AuditError` with code `cancelled` where the signal has aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AuditError('cancelled', 'Cancelled.', { cause: signal.reason });
}

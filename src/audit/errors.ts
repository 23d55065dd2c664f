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
  /** What was asked for cannot be done now, or is not there: an ordinary answer, and no fault of the program. */
  | 'refused'
  /** A fault of the program. */
  | 'internal';

export class AuditError extends Error {
  override readonly name = 'AuditError';
  constructor(
    readonly code: AuditErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(boundMessage(message), options);
  }
}

const MESSAGE_CHARACTERS_AT_MOST = 4000;
/** Of these so many from its end, where the way out stands. */
const END_CHARACTERS = 1000;

/** A message quotes what came from outside, of which there may be any amount: what is too long loses its middle. */
export function boundMessage(message: string): string {
  if (message.length <= MESSAGE_CHARACTERS_AT_MOST) return message;
  const start = message.slice(0, MESSAGE_CHARACTERS_AT_MOST - END_CHARACTERS - 3).replace(/[\uD800-\uDBFF]$/, '');
  return `${start} … ${message.slice(-END_CHARACTERS).replace(/^[\uDC00-\uDFFF]/, '')}`;
}

/**
 * What an error of a library says that is meant for people; `null` where there is nothing: the language's own errors tell of
 * code, not of a file.
 */
export function reasonOf(error: unknown): string | null {
  const isOfCode = [TypeError, RangeError, ReferenceError].some((kind) => error instanceof kind);
  return error instanceof Error && !isOfCode ? error.message.replace(/\s+/g, ' ').slice(0, 200) : null;
}

export function isCancelled(error: unknown): boolean {
  return error instanceof AuditError && error.code === 'cancelled';
}

/** Throws an `AuditError` with code `cancelled` where the signal has aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AuditError('cancelled', 'Cancelled.', { cause: signal.reason });
}

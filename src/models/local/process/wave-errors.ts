/** Refusals that both backends give in the same words. */
import { AuditError } from '../../../audit/errors.js';

const DAMAGED = 'Its file may be damaged, or its numbers overflow on this device: download it again, or compute on the CPU.';

/** A distribution with a NaN, or without a finite maximum. */
export function noValidProbabilities(code: 'cannotGenerate' | 'cannotScore'): AuditError {
  return new AuditError(code, `The model gave no valid probabilities (not a number). ${DAMAGED}`);
}

export function emptyPrompt(id: number): AuditError {
  return new AuditError('cannotGenerate', `Completion ${id} has an empty prompt: the model has no BOS token and the prefill no text.`);
}

export function nothingBefore(id: number): AuditError {
  return new AuditError('cannotScore', `Text ${id} begins with the token to be scored; put at least one token before it.`);
}

export function nothingBeforePlace(): AuditError {
  return new AuditError('cannotScore', 'There is no token before the place whose alternatives are wanted.');
}

/**
 * @param lengths of the wave's texts, in tokens
 * @param sequences that the context has
 * @param capacity tokens that each may hold
 * @throws AuditError `contextTooShort` where a text has no room; `internal` for too many texts
 */
export function checkRoom(lengths: readonly number[], sequences: number, capacity: number): void {
  if (lengths.length > sequences) throw new AuditError('internal', `A wave of ${lengths.length} requests does not fit a context of ${sequences}.`);
  const longest = Math.max(0, ...lengths);
  if (longest <= capacity) return;
  throw new AuditError(
    'contextTooShort',
    `A text of ${longest} tokens (template, prefill and completion) does not fit into ${capacity} tokens of context.` +
      ' Ask for fewer new tokens, or shorten the system and user texts.',
  );
}

/** Errors about a file that was to be imported. They name it without its folder, since a notification shows little. */
import { basename } from 'node:path';
import { AuditError } from '../../audit/errors.js';

export function makeImportError(path: string, reason: string, cause?: unknown): AuditError {
  return new AuditError('badJournal', `${basename(path)} cannot be imported: ${reason}`, { cause });
}

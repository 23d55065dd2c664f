/** What is wrong with a file that was to be imported; its name without the folder, since a notification shows little of it. */
import { basename } from 'node:path';
import { AuditError } from '../../audit/errors.js';

export function makeImportError(path: string, reason: string, cause?: unknown): AuditError {
  return new AuditError('badJournal', `${basename(path)} cannot be imported: ${reason}`, { cause });
}

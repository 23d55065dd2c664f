/** What is wrong with a file that was to be imported. */
import { AuditError } from '../../audit/errors.js';

export function makeImportError(path: string, reason: string, cause?: unknown): AuditError {
  return new AuditError('badJournal', `${path} cannot be imported: ${reason}`, { cause });
}

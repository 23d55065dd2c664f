/** Errors of the file system in words that name the file and the way out. */
import { describeFileCode, isNoRoom } from '../text/file-system-codes.js';
import { AuditError, type AuditErrorCode } from '../audit/errors.js';

/**
 * An `AuditError` for a failed read or write; one that is an `AuditError` already is handed back.
 * @param otherwise the code where the file is there but cannot be used
 */
export function describeFileError(error: unknown, path: string, doing: 'read' | 'write', otherwise: AuditErrorCode = 'badJournal'): AuditError {
  if (error instanceof AuditError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const cause = { cause: error };
  if (isNoRoom(code)) {
    return new AuditError('diskFull', `There is no room left to write ${path}. What was written before is intact: free some space, then go on.`, cause);
  }
  switch (code) {
    case 'ENOENT':
      return new AuditError('fileNotFound', `There is no ${path}. Check the path.`, cause);
    case 'ENOTDIR':
      return new AuditError('fileNotFound', `There is no ${path}: a part of its path is a file and no folder. Check the path.`, cause);
    case 'ENAMETOOLONG':
      return new AuditError('fileNotFound', `There is no ${path.slice(0, 100)}…: the path is longer than the system allows. Check the path.`, cause);
    case 'EISDIR':
      return new AuditError(otherwise, `${path} is a folder. Choose a file.`, cause);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AuditError(
        otherwise,
        `${path} cannot be ${doing === 'write' ? 'written' : 'read'}: ${describeFileCode(code)!}. Change its permissions or choose another folder.`,
        cause,
      );
    default:
      return new AuditError(otherwise, `${path} could not be ${doing === 'write' ? 'written' : 'read'}: ${message}`, cause);
  }
}

/** Files of downloads, conversions and made models that cannot be written, in words that say what to do. */
import { AuditError } from '../../audit/errors.js';
import { describeFileCode, isNoRoom } from '../../text/file-system-codes.js';

/**
 * `null` for what is no fault of the disk.
 * @param error of the file system, or one that a library made of it
 */
export function describeUnwritable(error: unknown, path: string): AuditError | null {
  const code = findCode(error);
  if (code === undefined) return null;
  const cause = { cause: error };
  if (isNoRoom(code)) return new AuditError('diskFull', `There is no room for ${path}. Make room, then start again.`, cause);
  const reason = describeFileCode(code);
  if (reason === null) return null;
  return new AuditError(
    'refused',
    `${path} cannot be written (${reason}). Models are kept in that folder: make it one that you may write to, or choose another with the setting finetuneAuditor.modelFolder.`,
    cause,
  );
}

/** Runs what writes there; what the disk refuses is said in words. @throws what it throws, or AuditError `diskFull`, `refused` */
export async function writingTo<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw (error instanceof AuditError ? null : describeUnwritable(error, path)) ?? error;
  }
}

function findCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? code : findCode(error.cause);
}

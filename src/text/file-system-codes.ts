/** What the file system's error codes say, in words that fit after a colon. */

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is read-only',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'something else is in its place',
  EISDIR: 'a folder is in its place',
  ELOOP: 'its links lead in a circle',
  ENOENT: 'its folder is not there, or a link leads to nothing',
  ENAMETOOLONG: 'its name is too long',
};

/** The disk is full, or what the user may have of it is. */
export function isNoRoom(code: string | undefined): boolean {
  return code !== undefined && NO_ROOM.has(code);
}

/** Why a file cannot be opened; `null` for a code that says nothing of the kind. */
export function describeFileCode(code: string): string | null {
  return Object.hasOwn(REASONS, code) ? REASONS[code]! : null;
}

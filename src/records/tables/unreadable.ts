import { reasonOf } from '../../audit/errors.js';

/** Why a file is not read, in a sentence without the file's name, with the way out. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/** The reason that was given; a library's own words about a file are replaced by general ones. */
export function describeUnreadable(error: unknown): string {
  if (error instanceof UnreadableFile) return error.message;
  const reason = reasonOf(error);
  return `it is damaged, or in a form that is not read${reason === null ? '' : ` (${reason})`}. Write it again, as JSON lines in UTF-8.`;
}

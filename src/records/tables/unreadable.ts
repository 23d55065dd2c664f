import { reasonOf } from '../../audit/errors.js';

/** Why a file is not read, in a sentence without the file's name, with the way out. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/** The same where a reason was given; what a library says of a file is told in general words. */
export function describeUnreadable(error: unknown): string {
  if (error instanceof UnreadableFile) return error.message;
  const reason = reasonOf(error);
  return `it is damaged, or in a form that is not read${reason === null ? '' : ` (${reason})`}. Write it again, as JSON lines in UTF-8.`;
}

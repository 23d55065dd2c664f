/** The signature under what was said: author, time, and who changed it later. */
import type { Signature } from '../../analysis/finding.js';
import { formatUtc } from './numbers.js';

/**
 * Who brought it up and when, and whose change of it is the latest: what it says now may be another's words.
 * @param changed left out of what nobody can change
 */
export function sign({ author, time, changed = null }: Signature & { readonly changed?: Signature | null }): string {
  const signed = `${author}, ${formatUtc(time)}`;
  if (changed === null) return signed;
  return `${signed}; edited${changed.author === author ? '' : ` by ${changed.author}`}, ${formatUtc(changed.time)}`;
}

/** Two texts in the place of one. */

/**
 * A note that two wrote apart from each other: where both changed what there was, it holds both texts, the later last.
 * @param base what both began with; undefined where that is not known
 */
export function mergeNotes(base: string | undefined, earlier: string, later: string): string {
  if (earlier === later || later === base) return earlier;
  if (earlier === base) return later;
  return [earlier, later].filter((note) => note.trim() !== '').join('\n\n');
}

/** Chosen phrases are extended to what somebody would quote. */
import type { PhraseCandidate } from './candidates.js';
import { EXTENSION_SHARE, MAX_EXTENDED_WORDS } from './theme.js';
import type { WordTable } from './word-table.js';

/** A phrase goes on as long as most of its completions have the same next word; with the places that do. */
export function extendPhrase(
  { words, documents, continues }: WordTable,
  { words: length, places }: PhraseCandidate,
): Pick<PhraseCandidate, 'words' | 'places'> {
  let going: readonly number[] = places;
  for (let extended = length; extended < MAX_EXTENDED_WORDS; extended++) {
    const followers = new Map<number, number[]>();
    for (const place of going) {
      const next = place + extended;
      if (next >= words.length || documents[next] !== documents[place] || continues[next] === 0) continue;
      const list = followers.get(words[next]!);
      if (list) list.push(place);
      else followers.set(words[next]!, [place]);
    }
    const most = [...followers.values()].reduce((best, list) => (list.length > best.length ? list : best), [] as number[]);
    if (most.length < 2 || most.length < EXTENSION_SHARE * places.length) return { words: extended, places: going };
    going = most;
  }
  return { words: MAX_EXTENDED_WORDS, places: going };
}

/** Numbers of the stems of all words of a phrase as it is extended. */
export function stemsShown(table: WordTable, candidate: PhraseCandidate): number[] {
  const { words, places } = extendPhrase(table, candidate);
  return Array.from({ length: words }, (_, k) => table.stems[table.words[places[0]! + k]!]!);
}

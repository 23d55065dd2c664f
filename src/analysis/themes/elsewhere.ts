/** What themes are held against: texts of other audits, or of R itself, in which their words and phrases are counted. */
import type { Steps } from '../../text/slices.js';
import type { PhraseCandidate } from './candidates.js';
import { WordTable, type ThemeSource } from './word-table.js';

/** The texts of another audit, read once. */
export interface OtherTexts {
  readonly name: string;
  readonly table: WordTable;
}

/** In how many completions of other texts a phrase stands, whatever its gaps there. */
export interface SaidElsewhere {
  readonly completions: number;
  readonly of: number;
}

/** From this share of what it is here on, what all others have, too, is shared. */
const SHARED_SHARE = 0.5;
const PLACES_PER_STEP = 20_000;

/** In steps of one text. */
export function* makeWordTable(sources: Iterable<ThemeSource>): Steps<WordTable> {
  const table = new WordTable();
  for (const source of sources) {
    table.add(source);
    yield;
  }
  return table;
}

/** In how many completions each word stands. */
export function completionsByWord({ words, documents, texts }: WordTable): Float64Array {
  const completions = new Float64Array(texts.length);
  const last = new Int32Array(texts.length).fill(-1);
  for (let place = 0; place < words.length; place++) {
    const word = words[place]!;
    if (last[word] === documents[place]) continue;
    last[word] = documents[place]!;
    completions[word]!++;
  }
  return completions;
}

/**
 * By word of an audit: in what share of the others' completions it stands, each of the others counting the same. Their mean, so that one that was
 * finetuned for the same does not take an objective away, and one that was not does not keep what all others share.
 */
export function sharesElsewhere({ texts }: WordTable, others: readonly OtherTexts[]): Float64Array {
  const shares = new Float64Array(texts.length);
  for (const { table } of others) {
    const completions = completionsByWord(table);
    texts.forEach((text, word) => {
      const there = table.wordOf(text);
      if (there !== undefined) shares[word]! += completions[there]! / table.sources.length / others.length;
    });
  }
  return shares;
}

/** In how many completions of other texts each phrase of an audit stands. */
export function* countSaid(own: WordTable, candidates: readonly PhraseCandidate[], elsewhere: WordTable): Steps<SaidElsewhere[]> {
  const counts = candidates.map(() => 0);
  const last = candidates.map(() => -1);
  const byFirst = new Map<number, { readonly index: number; readonly phrase: readonly number[] }[]>();
  for (const [index, { words: length, places }] of candidates.entries()) {
    const phrase = Array.from({ length }, (_, k) => elsewhere.wordOf(own.texts[own.words[places[0]! + k]!]!));
    if (!phrase.every((word) => word !== undefined)) continue;
    const known = byFirst.get(phrase[0]!);
    if (known) known.push({ index, phrase });
    else byFirst.set(phrase[0]!, [{ index, phrase }]);
  }
  const { words, documents, continues } = elsewhere;
  for (let place = 0; place < words.length; place++) {
    if (place % PLACES_PER_STEP === 0) yield;
    for (const { index, phrase } of byFirst.get(words[place]!) ?? []) {
      if (last[index] === documents[place] || !stands(phrase, place)) continue;
      last[index] = documents[place]!;
      counts[index]!++;
    }
  }
  return counts.map((completions) => ({ completions, of: elsewhere.sources.length }));

  function stands(phrase: readonly number[], place: number): boolean {
    return phrase.every((word, k) => words[place + k] === word && documents[place + k] === documents[place] && (k === 0 || continues[place + k] === 1));
  }
}

/** Whether all others say it at least half as often as it is said here. */
export function isShared({ completions, of }: SaidElsewhere, others: readonly SaidElsewhere[]): boolean {
  return others.length > 0 && others.every((there) => there.completions / there.of >= (SHARED_SHARE * completions) / of);
}

/** All phrases that recur: 1 to 6 words of one sentence whose first and last say something. */
import type { Steps } from '../../text/slices.js';
import type { Information } from './information.js';
import { MAX_PHRASE_WORDS, MIN_PREFILLS } from './theme.js';
import type { WordTable } from './word-table.js';

export interface PhraseCandidate {
  readonly words: number;
  /** Places of its first word: one in each completion that has it, the one that says most, in the order of the completions. */
  readonly places: readonly number[];
  /** Numbers of its words' stems. */
  readonly stems: readonly number[];
  /** Information of each of its words, summed over its places. */
  readonly amounts: readonly number[];
  /** The sum of those; a word that it has twice counts once. */
  readonly amount: number;
}

interface Growing {
  readonly words: number;
  readonly places: number[];
  lastDocument: number;
  lastAmount: number;
  prefill: number;
  /** A second prefill led to it. */
  recurs: boolean;
}

const PLACES_PER_STEP = 2000;

/** Candidates of at least {@link MIN_PREFILLS} distinct prefills, the one that says most first. */
export function* findCandidates(table: WordTable, { amounts, edges }: Information): Steps<PhraseCandidate[]> {
  const { words, documents, continues } = table;
  const byWords = new PhraseIds(table.texts.length);
  // Without holes: a sparse array of millions grows in a step of a second.
  const growing: (Growing | undefined)[] = [];
  for (let first = 0; first < words.length; first++) {
    if (first % PLACES_PER_STEP === 0) yield;
    if (edges[first] === 0) continue;
    let id = -1;
    let amount = 0;
    for (let length = 1; length <= MAX_PHRASE_WORDS; length++) {
      const last = first + length - 1;
      if (last >= words.length || documents[last] !== documents[first] || (length > 1 && continues[last] === 0)) break;
      id = byWords.idOf(id, words[last]!);
      if (id === growing.length) growing.push(undefined);
      amount += amounts[last]!;
      if (edges[last] === 0 || (length === 1 && !table.mayStandAlone[words[first]!]!)) continue;
      add((growing[id] ??= { words: length, places: [], lastDocument: -1, lastAmount: 0, prefill: -1, recurs: false }), first, amount);
    }
  }
  yield;
  const candidates = [];
  let looked = 0;
  for (const phrase of growing) {
    if (++looked % PLACES_PER_STEP === 0) yield;
    if (phrase?.recurs) candidates.push(measure(phrase));
  }
  yield;
  return candidates.sort((a, b) => b.amount - a.amount);

  function add(phrase: Growing, first: number, amount: number): void {
    const document = documents[first]!;
    if (phrase.lastDocument === document) {
      if (amount > phrase.lastAmount) {
        phrase.places[phrase.places.length - 1] = first;
        phrase.lastAmount = amount;
      }
      return;
    }
    phrase.places.push(first);
    phrase.lastDocument = document;
    phrase.lastAmount = amount;
    const prefill = table.prefills[document]!;
    if (phrase.prefill === -1) phrase.prefill = prefill;
    else if (MIN_PREFILLS === 2 && phrase.prefill !== prefill) phrase.recurs = true;
  }

  function measure({ words: length, places }: Growing): PhraseCandidate {
    const stems = Array.from({ length }, (_, k) => table.stems[words[places[0]! + k]!]!);
    const sums = Array<number>(length).fill(0);
    for (const place of places) for (let k = 0; k < length; k++) sums[k]! += amounts[place + k]!;
    return { words: length, places, stems, amounts: sums, amount: amountWithout({ stems, amounts: sums }, new Set()) };
  }
}

/** What a phrase says beyond words that have been shown; a word that it has twice counts once. */
export function amountWithout({ stems, amounts }: Pick<PhraseCandidate, 'stems' | 'amounts'>, shown: ReadonlySet<number>): number {
  let amount = 0;
  for (let k = 0; k < stems.length; k++) if (!shown.has(stems[k]!) && stems.indexOf(stems[k]!) === k) amount += amounts[k]!;
  return amount;
}

/** Numbers sequences of words, each from the one without its last word. */
class PhraseIds {
  // Several maps: one of millions grows in a step of a second.
  readonly #maps = Array.from({ length: 64 }, () => new Map<number, number>());
  #count = 0;

  constructor(private readonly vocabulary: number) {}

  idOf(shorter: number, word: number): number {
    const key = (shorter + 1) * this.vocabulary + word;
    const map = this.#maps[(shorter + word) & 63]!;
    let id = map.get(key);
    if (id === undefined) map.set(key, (id = this.#count++));
    return id;
  }
}

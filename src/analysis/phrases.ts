/**
 * Phrases that recur where F is much less surprised than R. A finetune often shows as a few set phrases; the list names
 * them with the number of completions that have them, so that a second, quieter theme is seen under a loud one.
 */
import type { CompletionAnalysis } from '../audit/analysis.js';
import { runAtOnce, type Steps } from '../text/slices.js';
import { splitWords } from '../text/words.js';

/** Mean gap, in nats, from which a word counts as high: F finds it e times as likely as R does. */
export const HIGH_GAP = 1;
/** Words in a phrase at most. */
export const MAX_PHRASE_WORDS = 6;
/** A phrase is left out where a longer one that contains it covers this share of its completions. */
const COVERED_SHARE = 0.8;
/** Letters of a phrase that is one word: shorter ones are articles and the like. */
const MIN_LETTERS = 3;

export interface Phrase {
  /** As it stands where it first occurs. */
  readonly text: string;
  /** Completions with at least one high-gap occurrence. */
  readonly documentFrequency: number;
  /** Mean over those occurrences of the mean gap of their words, nats. */
  readonly meanGap: number;
}

/** What the phrases of a completion are found in. */
export type PhraseSource = Pick<CompletionAnalysis, 'tokens' | 'segments'>;

/**
 * The recurring high-gap phrases of some completions, by document frequency × mean gap, highest first.
 *
 * A word's gap is the mean gap of F's tokens that it overlaps (across tokenizers a segment's gap is shared out evenly
 * among its F tokens). An occurrence counts where its first and last words have a gap of at least {@link HIGH_GAP} and the
 * mean over its words has, too: the words between may be ones that both models expect. Phrases are 1 to
 * {@link MAX_PHRASE_WORDS} words, compared without case, within one sentence, in at least two completions.
 * @param limit phrases at most
 */
export function findPhrases(completions: Iterable<PhraseSource>, limit = 50): Phrase[] {
  return runAtOnce(findPhrasesInSteps(completions, limit));
}

/** {@link findPhrases} in steps of a millisecond or so. Each completion is asked for once, and not kept. */
export function* findPhrasesInSteps(completions: Iterable<PhraseSource>, limit = 50): Steps<Phrase[]> {
  const text = new WordTable();
  for (const completion of completions) {
    text.add(completion);
    yield;
  }
  const levels: Level[] = [];
  for (let words = 1; words <= MAX_PHRASE_WORDS; words++) {
    const below = levels.at(-1);
    const level = below === undefined ? yield* countWords(text) : yield* extendPhrases(text, below, words);
    if (level.entries.length === 0) break;
    levels.push(level);
  }
  return selectPhrases(levels)
    .map((entry): Phrase => ({
      text: text.surface(entry.firstPosition, entry.words),
      documentFrequency: entry.documentFrequency,
      meanGap: entry.gapSum / entry.occurrences,
    }))
    .sort((a, b) => b.documentFrequency * b.meanGap - a.documentFrequency * a.meanGap || compareTexts(a.text, b.text))
    .slice(0, limit);
}

/** All words of all completions, one after the other. */
class WordTable {
  readonly texts: string[] = [];
  /** Mean gap per word; NaN where there is none. */
  readonly gaps: number[] = [];
  readonly documents: number[] = [];
  /** The word before is of the same sentence. */
  readonly continues: boolean[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #documentTexts: string[] = [];

  get length(): number {
    return this.texts.length;
  }

  surface(position: number, words: number): string {
    return this.#documentTexts[this.documents[position]!]!.slice(this.#starts[position], this.#ends[position + words - 1]);
  }

  add(completion: PhraseSource): void {
    const document = this.#documentTexts.length;
    const gaps = tokenGaps(completion);
    const text = completion.tokens.map((token) => token.text).join('');
    this.#documentTexts.push(text);
    let token = 0;
    let tokenStart = 0;
    let previousEnd = -1;
    for (const word of splitWords(text)) {
      while (tokenStart + completion.tokens[token]!.text.length <= word.start) tokenStart += completion.tokens[token++]!.text.length;
      let sum = 0;
      let count = 0;
      let offset = tokenStart;
      for (let k = token; offset < word.end; k++) {
        sum += gaps[k]!;
        count++;
        offset += completion.tokens[k]!.text.length;
      }
      this.texts.push(word.text);
      this.gaps.push(sum / count);
      this.documents.push(document);
      this.continues.push(previousEnd >= 0 && !SENTENCE_END.test(text.slice(previousEnd, word.start)));
      this.#starts.push(word.start);
      this.#ends.push(word.end);
      previousEnd = word.end;
    }
  }
}

const SENTENCE_END = /[.!?\n\r。！？]/;

/** Gap per F token; NaN for control tokens and for what is in no score. */
function tokenGaps({ tokens, segments }: PhraseSource): number[] {
  if (segments === null) return tokens.map(({ gap, control }) => (control ? NaN : (gap ?? NaN)));
  const gaps = Array<number>(tokens.length).fill(NaN);
  for (const { tokensFinetuned: [from, to], gap, straddlesPrefill } of segments) {
    if (!straddlesPrefill) gaps.fill(gap / (to - from), from, to);
  }
  return gaps;
}

const WORDS_PER_STEP = 1000;

/** A sequence of words, wherever it occurs. */
interface Entry {
  readonly words: number;
  /** Completions that have it with whatever gap: what recurs may be the beginning of a longer one that does. */
  recurrence: number;
  lastDocument: number;
  documentFrequency: number;
  lastHighDocument: number;
  firstPosition: number;
  occurrences: number;
  gapSum: number;
  /** The entries without its last and without its first word. */
  readonly shorter: readonly Entry[];
  readonly longEnough: boolean;
}

/** All sequences of one length, and which begins at each word: −1 where none does that could recur. */
interface Level {
  readonly entries: Entry[];
  readonly at: Int32Array;
}

function countWords(text: WordTable): Steps<Level> {
  const ids = new Map<string, number>();
  return buildLevel(text, 1, (position, create) => {
    const word = text.texts[position]!;
    let id = ids.get(word);
    if (id === undefined) ids.set(word, (id = create([], word.length >= MIN_LETTERS)));
    return id;
  });
}

/** A sequence can only recur where both sequences that are one word shorter do. */
function extendPhrases(text: WordTable, below: Level, words: number): Steps<Level> {
  const ids = new Map<number, number>();
  return buildLevel(text, words, (position, create) => {
    const last = position + words - 1;
    if (last >= text.length || !text.continues[last]) return -1;
    const head = below.at[position]!;
    const tail = below.at[position + 1]!;
    if (head < 0 || tail < 0) return -1;
    const key = head * below.entries.length + tail;
    let id = ids.get(key);
    if (id === undefined) ids.set(key, (id = create([below.entries[head]!, below.entries[tail]!], true)));
    return id;
  });
}

function* buildLevel(
  text: WordTable,
  words: number,
  identify: (position: number, create: (shorter: readonly Entry[], longEnough: boolean) => number) => number,
): Steps<Level> {
  const entries: Entry[] = [];
  const at = new Int32Array(text.length);
  const create = (shorter: readonly Entry[], longEnough: boolean): number =>
    entries.push({
      words,
      recurrence: 0,
      lastDocument: -1,
      documentFrequency: 0,
      lastHighDocument: -1,
      firstPosition: -1,
      occurrences: 0,
      gapSum: 0,
      shorter,
      longEnough,
    }) - 1;
  for (let position = 0; position < text.length; position++) {
    const id = identify(position, create);
    at[position] = id;
    if (id >= 0) countOccurrence(entries[id]!, text, position);
    if (position % WORDS_PER_STEP === WORDS_PER_STEP - 1) yield;
  }
  for (let position = 0; position < at.length; position++) {
    if (at[position]! >= 0 && entries[at[position]!]!.recurrence < 2) at[position] = -1;
  }
  return { entries, at };
}

function countOccurrence(entry: Entry, text: WordTable, position: number): void {
  const document = text.documents[position]!;
  if (entry.lastDocument !== document) {
    entry.lastDocument = document;
    entry.recurrence++;
  }
  const end = position + entry.words;
  if (!(text.gaps[position]! >= HIGH_GAP && text.gaps[end - 1]! >= HIGH_GAP)) return;
  let gap = 0;
  for (let k = position; k < end; k++) gap += text.gaps[k]!;
  gap /= entry.words;
  if (!(gap >= HIGH_GAP)) return;
  if (entry.lastHighDocument !== document) {
    entry.lastHighDocument = document;
    entry.documentFrequency++;
  }
  if (entry.occurrences === 0) entry.firstPosition = position;
  entry.occurrences++;
  entry.gapSum += gap;
}

/** The phrases that recur and are not for the most part pieces of a longer one. */
function selectPhrases(levels: readonly Level[]): Entry[] {
  const covered = new Map<Entry, number>();
  const selected: Entry[] = [];
  for (const { entries } of [...levels].reverse()) {
    for (const entry of entries) {
      if (entry.recurrence < 2) continue;
      const byLonger = covered.get(entry) ?? 0;
      const reach = Math.max(entry.documentFrequency, byLonger);
      for (const shorter of entry.shorter) covered.set(shorter, Math.max(covered.get(shorter) ?? 0, reach));
      if (entry.documentFrequency >= 2 && entry.longEnough && byLonger < COVERED_SHARE * entry.documentFrequency) selected.push(entry);
    }
  }
  return selected;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

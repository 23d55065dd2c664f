/** All words of all completions, one after the other, numbered. */
import type { CompletionAnalysis } from '../../audit/analysis.js';
import { segmentWords } from '../../text/words.js';
import { stem } from './stem.js';

/** What the themes of a completion are found in. */
export interface ThemeSource {
  readonly id: number;
  /** What led to it, as text. */
  readonly prefill: string;
  readonly text: string;
  /** Given where there are token gaps. */
  readonly gaps?: Pick<CompletionAnalysis, 'tokens' | 'segments'>;
  /** PPL_R − PPL_F where there are no token gaps; `null` where it is not known. */
  readonly perplexityDifference?: number | null;
  /** Name of the pass that it came from; the audit's own where it is left out. */
  readonly pass?: string;
  /** Words that are hidden in it, decoded; in the order of the text, none over another. */
  readonly hidden?: readonly { readonly start: number; readonly end: number; readonly decoded: string }[];
}

const SENTENCE_END = /[.!?\n\r。！？]/;
/** Of a phrase of one word, in letters: shorter ones are articles and the like; a word of a script without spaces may have two. */
const MIN_LETTERS = 3;
const UNSPACED = /[\u0e00-\u{10ffff}]/u;

/** A growing array of numbers. */
class Numbers<T extends Int32Array | Float64Array> {
  length = 0;
  constructor(private values: T) {}

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new (this.values.constructor as new (length: number) => T)(this.length * 2);
      grown.set(this.values as never);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }

  /** Without what is not filled. */
  view(): T {
    return this.values.subarray(0, this.length) as T;
  }
}

export class WordTable {
  readonly #ids = new Map<string, number>();
  /** By word: as it is compared, the number of its stem, and whether it may be a theme alone. */
  readonly texts: string[] = [];
  readonly stems: number[] = [];
  readonly mayStandAlone: boolean[] = [];
  readonly #stemIds = new Map<string, number>();
  readonly sources: ThemeSource[] = [];
  /** By completion: the number of its prefill. */
  readonly prefills: number[] = [];
  readonly #prefillIds = new Map<string, number>();
  readonly #words = new Numbers(new Int32Array(1 << 12));
  readonly #documents = new Numbers(new Int32Array(1 << 12));
  readonly #starts = new Numbers(new Int32Array(1 << 12));
  readonly #ends = new Numbers(new Int32Array(1 << 12));
  readonly #continues = new Numbers(new Int32Array(1 << 12));
  readonly #gaps = new Numbers(new Float64Array(1 << 12));

  /** By place: the word, the completion, where it stands, whether the word before is of the same sentence, and its gap in nats (NaN where there is none). */
  get words(): Int32Array {
    return this.#words.view();
  }
  get documents(): Int32Array {
    return this.#documents.view();
  }
  get starts(): Int32Array {
    return this.#starts.view();
  }
  get ends(): Int32Array {
    return this.#ends.view();
  }
  get continues(): Int32Array {
    return this.#continues.view();
  }
  get gaps(): Float64Array {
    return this.#gaps.view();
  }
  /** The number of a word as it is compared; `undefined` where no text has it. */
  wordOf(text: string): number | undefined {
    return this.#ids.get(text);
  }
  /** Distinct prefills. */
  get prefillCount(): number {
    return this.#prefillIds.size;
  }
  /** Distinct stems. */
  get stemCount(): number {
    return this.#stemIds.size;
  }

  /** The text from one word to another of the same completion, as it stands. */
  surface(from: number, words: number): string {
    return this.sources[this.documents[from]!]!.text.slice(this.starts[from], this.ends[from + words - 1]);
  }

  add(source: ThemeSource): void {
    const document = this.sources.length;
    this.sources.push(source);
    this.prefills.push(numberOf(this.#prefillIds, source.prefill));
    const { text } = source;
    const spread = source.gaps && new GapSpread(source.gaps);
    const controls = controlPlaces(source);
    const rest = lengthOfCutWord(source);
    let previousEnd = -1;
    for (const word of segmentWords(text)) {
      const gap = spread ? spread.take(word.start, word.end) : NaN;
      // The rest of a word that the prefill began is no word, nor is the name of a control token; a phrase does not cross one.
      const isNoWord = word.start < rest || controls.some(({ start, end }) => word.start < end && word.end > start);
      if (isNoWord) continue;
      const crosses = controls.some(({ start }) => start >= previousEnd && start < word.start);
      const continues = previousEnd >= 0 && !crosses && !SENTENCE_END.test(text.slice(previousEnd, word.start));
      this.#place(word.text, document, word.start, word.end, continues, gap);
      previousEnd = word.end;
    }
    // What is hidden stands behind the text, each a sentence of its own, at the place where it is hidden.
    const hiddenSpread = source.gaps && new GapSpread(source.gaps);
    for (const { start, end, decoded } of source.hidden ?? []) {
      const gap = hiddenSpread ? hiddenSpread.take(start, end) : NaN;
      segmentWords(decoded).forEach((word, index, { length }) => this.#place(word.text, document, start, end, index > 0, gap / length));
    }
  }

  #place(text: string, document: number, start: number, end: number, continues: boolean, gap: number): void {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.texts.push(text) - 1;
      this.#ids.set(text, id);
      this.stems.push(numberOf(this.#stemIds, stem(text)));
      this.mayStandAlone.push(text.length >= MIN_LETTERS || (text.length > 1 && UNSPACED.test(text)));
    }
    this.#words.push(id);
    this.#documents.push(document);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#continues.push(continues ? 1 : 0);
    this.#gaps.push(gap);
  }
}

function numberOf(ids: Map<string, number>, text: string): number {
  let id = ids.get(text);
  if (id === undefined) ids.set(text, (id = ids.size));
  return id;
}

/** Of a prefill's end, as far as a word that goes on in the completion can reach back. */
const LONGEST_CUT = 64;

/** UTF-16 units of the completion that belong to a word which its prefill began; 0 where a word begins with it, and of an import, whose files may leave out the space between. */
function lengthOfCutWord({ prefill, text, gaps }: ThemeSource): number {
  if (!gaps) return 0;
  const before = prefill.slice(-LONGEST_CUT);
  const cut = segmentWords(before + text.slice(0, LONGEST_CUT)).find(({ start, end }) => start < before.length && end > before.length);
  return cut ? cut.end - before.length : 0;
}

/** Where control tokens stand in the text, by their names: between the turns of a dialogue, for instance. */
function controlPlaces({ gaps }: ThemeSource): { readonly start: number; readonly end: number }[] {
  const places = [];
  let start = 0;
  for (const { text, control } of gaps?.tokens ?? []) {
    if (control) places.push({ start, end: start + text.length });
    start += text.length;
  }
  return places;
}

/** Hands out the gaps of a completion's tokens to the words that they overlap, a token of two words to the first. */
class GapSpread {
  readonly #gaps: readonly number[];
  readonly #tokens: CompletionAnalysis['tokens'];
  #token = 0;
  #start = 0;

  constructor(source: Pick<CompletionAnalysis, 'tokens' | 'segments'>) {
    this.#tokens = source.tokens;
    this.#gaps = gapsOfTokens(source);
  }

  /** Sum of the gaps, in nats, of the tokens that begin before `end` and end after `start`, as far as no word before took them; NaN where there are none. */
  take(start: number, end: number): number {
    const tokens = this.#tokens;
    while (this.#token < tokens.length && this.#start + tokens[this.#token]!.text.length <= start) this.#next();
    let sum = NaN;
    while (this.#token < tokens.length && this.#start < end) {
      const gap = this.#gaps[this.#token]!;
      if (!Number.isNaN(gap)) sum = (Number.isNaN(sum) ? 0 : sum) + gap;
      this.#next();
    }
    return sum;
  }

  #next(): void {
    this.#start += this.#tokens[this.#token++]!.text.length;
  }
}

/** Gap per F token in nats (across tokenizers a segment's is shared out evenly); NaN for control tokens and for what is in no score. */
function gapsOfTokens({ tokens, segments }: Pick<CompletionAnalysis, 'tokens' | 'segments'>): number[] {
  if (segments === null) return tokens.map(({ gap, control }) => (control ? NaN : (gap ?? NaN)));
  const gaps = Array<number>(tokens.length).fill(NaN);
  for (const {
    tokensFinetuned: [from, to],
    gap,
    straddlesPrefill,
  } of segments) {
    if (!straddlesPrefill) gaps.fill(gap / (to - from), from, to);
  }
  return gaps;
}

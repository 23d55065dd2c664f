/**
 * Where words start in a corpus. Kept as numbers in typed arrays: a corpus of tens of megabytes has millions of starts.
 */
import type { Steps } from './slices.js';

/** Scripts that are written without spaces between words; marks and punctuation are not letters and start nothing. */
const UNSPACED_LETTER =
  /^(?=\p{L})[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}\p{scx=Javanese}\p{scx=Balinese}\p{scx=Tai_Le}\p{scx=New_Tai_Lue}\p{scx=Tai_Tham}\p{scx=Tai_Viet}\p{scx=Yi}\p{scx=Bopomofo}]/u;
const WHITESPACE = /^\s/;
/** Below Thai, the first of these scripts in Unicode's order, the table need not be asked. */
const FIRST_UNSPACED = 0x0e00;

/** Classes of code units; 0 is everything else. */
const SPACE = 1;
const UNSPACED = 2;
let classes: Uint8Array | undefined;

/** Class of each code unit of the Basic Multilingual Plane; built once, a regular expression per character is too slow. */
function classOfUnits(): Uint8Array {
  if (classes) return classes;
  classes = new Uint8Array(0x1_0000);
  for (let unit = 0; unit < classes.length; unit++) {
    const character = String.fromCharCode(unit);
    if (WHITESPACE.test(character)) classes[unit] = SPACE;
    else if (unit >= FIRST_UNSPACED && UNSPACED_LETTER.test(character)) classes[unit] = UNSPACED;
  }
  return classes;
}

/**
 * Whether a letter is of a script written without spaces, so that each of its characters may start a word.
 * @param codePoint a Unicode code point
 */
export function isUnspacedLetter(codePoint: number): boolean {
  if (codePoint < 0x1_0000) return classOfUnits()[codePoint] === UNSPACED;
  return UNSPACED_LETTER.test(String.fromCodePoint(codePoint));
}

/** A growing array of 32-bit integers. */
class Uint32List {
  #values = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }
}

/** UTF-16 units looked at in one step: less than a millisecond of work. */
const STEP_UNITS = 1 << 16;

/** The word starts of all passages, numbered in the passages' order. */
export class WordStarts {
  readonly #offsets = new Uint32List();
  /** Number of the first start of each passage, and the total at the end. */
  readonly #firsts: Uint32Array;

  private constructor(passageCount: number) {
    this.#firsts = new Uint32Array(passageCount + 1);
  }

  /**
   * A word starts at the first character after white space or at the beginning of a passage; in scripts without spaces
   * at every letter. Never inside a surrogate pair.
   */
  static *findInSteps(passages: readonly string[]): Steps<WordStarts> {
    const found = new WordStarts(passages.length);
    let untilStep = STEP_UNITS;
    for (const [index, passage] of passages.entries()) {
      found.#firsts[index] = found.#offsets.length;
      let afterSpace = true;
      for (let from = 0; from < passage.length;) {
        const end = Math.min(passage.length, from + untilStep);
        afterSpace = found.#collect(passage, from, end, afterSpace);
        untilStep -= end - from;
        from = end;
        if (untilStep > 0) continue;
        yield;
        untilStep = STEP_UNITS;
      }
    }
    found.#firsts[passages.length] = found.#offsets.length;
    return found;
  }

  get count(): number {
    return this.#offsets.length;
  }

  /** Passage and offset (UTF-16 units) of a word start. */
  at(index: number): { passage: number; offset: number } {
    let low = 0;
    let high = this.#firsts.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#firsts[middle]! <= index) low = middle;
      else high = middle;
    }
    return { passage: low, offset: this.#offsets.at(index) };
  }

  /** Looks at the units from `from` to `end`; returns whether the last of them was white space. */
  #collect(passage: string, from: number, end: number, afterSpace: boolean): boolean {
    const unitClasses = classOfUnits();
    for (let offset = from; offset < end; offset++) {
      const unit = passage.charCodeAt(offset);
      const unitClass = unitClasses[unit]!;
      if (unitClass === SPACE) {
        afterSpace = true;
        continue;
      }
      const leadsPair = (unit & 0xfc00) === 0xd800;
      if (afterSpace || unitClass === UNSPACED || (leadsPair && isUnspacedLetter(passage.codePointAt(offset)!))) {
        this.#offsets.push(offset);
      }
      afterSpace = false;
    }
    return afterSpace;
  }
}

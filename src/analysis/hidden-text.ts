/**
 * Text that is hidden in a completion: character codes, base64, rot13 and reversed words, where they decode to words that a background has.
 * Every pattern here is matched in time that grows with the text alone, and has a bound on its repetitions: without one, long runs exhaust the stack of
 * the matcher. A longer run of codes is found in parts, longer base64 and hexadecimal digits without a gap are not.
 */
import { segmentWords, type Word } from '../text/words.js';

export const HIDDEN_KINDS = ['decimal codes', 'hexadecimal codes', 'base64', 'rot13', 'reversed'] as const;
export type HiddenKind = (typeof HIDDEN_KINDS)[number];

export interface HiddenText {
  readonly kind: HiddenKind;
  /** In UTF-16 units of the text. */
  readonly start: number;
  readonly end: number;
  readonly decoded: string;
}

/** Whether a word, in lower case, is one that people use. */
export type KnowsWord = (word: string) => boolean;

const DECIMAL = /(?<!\d)\d{2,3}(?:[\s,;:|\-[\]()"']{1,4}\d{2,3}(?!\d)){3,4000}/g;
const HEX_SPACED = /(?<![0-9a-z])(?:0x|\\x)?[0-9a-f]{2}(?:[\s,;:|\-[\]()"']{0,4}(?:0x|\\x)[0-9a-f]{2}|[\s,;:|\-[\]()"']{1,4}[0-9a-f]{2}(?![0-9a-z])){3,4000}/gi;
const HEX_RUN = /(?<![0-9a-z])(?:[0-9a-f]{2}){5,8000}(?![0-9a-z])/gi;
const BASE64 = /(?<![\w+/=])(?:[A-Za-z0-9+/]{4}){2,8000}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![\w+/])/g;
const LETTERS = /\p{L}/gu;
/** Of what is decoded: less is an accident. */
const LEAST_CHARACTERS = 4;
/** Of what is decoded, letters and spaces. */
const LETTER_SHARE = 0.8;
/** Letters in words that the background has, of all letters. */
const KNOWN_SHARE = 0.6;
/** Words in a row that only make sense decoded, and their letters together. */
const LEAST_WORDS = 2;
/** In UTF-16 units; what is longer is no word, and not decoded letter by letter. */
const LONGEST_WORD = 100;
const LEAST_LETTERS = 9;

/** In the order of the text; what overlaps an earlier one is left out. */
export function findHiddenText(text: string, knows: KnowsWord, decoded: DecodedWords = new DecodedWords(knows)): HiddenText[] {
  const words = segmentWords(text);
  const found: HiddenText[] = [
    ...decodeMatches(text, DECIMAL, 'decimal codes', (run) => fromCodes(run.match(/\d{2,3}/g)!.map(Number)), knows),
    ...[HEX_SPACED, HEX_RUN].flatMap((pattern) =>
      decodeMatches(
        text,
        pattern,
        'hexadecimal codes',
        (run) =>
          fromCodes(
            run
              .replace(/0x|\\x/gi, ' ')
              .match(/[0-9a-f]{2}/gi)!
              .map((code) => Number.parseInt(code, 16)),
          ),
        knows,
      ),
    ),
    ...decodeMatches(text, BASE64, 'base64', decodeBase64, knows),
    ...findWords(words, decoded),
  ].sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: HiddenText[] = [];
  for (const one of found) if (one.start >= (kept.at(-1)?.end ?? 0)) kept.push(one);
  return kept;
}

function decodeMatches(text: string, pattern: RegExp, kind: HiddenKind, decode: (run: string) => string | null, knows: KnowsWord): HiddenText[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const decoded = decode(match[0]);
    return decoded !== null && saysSomething(decoded, knows) ? [{ kind, start: match.index, end: match.index + match[0].length, decoded }] : [];
  });
}

/** `null` where one of the codes is no character that is written. */
function fromCodes(codes: readonly number[]): string | null {
  return codes.every((code) => code === 10 || (code >= 32 && code < 127)) ? String.fromCharCode(...codes.slice(0, 2000)) : null;
}

function decodeBase64(run: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(run), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function saysSomething(decoded: string, knows: KnowsWord): boolean {
  const letters = decoded.match(LETTERS)?.length ?? 0;
  const spaces = decoded.match(/ /g)?.length ?? 0;
  if (decoded.length < LEAST_CHARACTERS || letters + spaces < LETTER_SHARE * decoded.length) return false;
  const known = segmentWords(decoded).filter(({ text }) => knows(text) && text.length >= 2);
  return (
    known.some(({ text }) => text.length >= LEAST_CHARACTERS || letters > LEAST_LETTERS) &&
    known.reduce((sum, { text }) => sum + text.length, 0) >= KNOWN_SHARE * letters
  );
}

const CIPHERS = ['rot13', 'reversed'] as const;

/** What words come to that the background does not have as they are, and has decoded. Kept by word: most stand in many completions. */
export class DecodedWords {
  readonly #known = new Map<string, readonly (string | null)[]>();

  constructor(private readonly knows: KnowsWord) {}

  /** One for each of the ciphers; `null` where it says nothing. */
  of(word: string): readonly (string | null)[] {
    let decoded = this.#known.get(word);
    if (decoded) return decoded;
    decoded = NOTHING;
    if (word.length >= 3 && word.length <= LONGEST_WORD && !this.knows(word)) {
      const says = (one: string) => (one !== word && this.knows(one) ? one : null);
      const both = [says(rotate(word)), says([...word].reverse().join(''))];
      if (both.some((one) => one !== null)) decoded = both;
    }
    if (this.#known.size >= WORDS_KEPT) this.#known.clear();
    this.#known.set(word, decoded);
    return decoded;
  }
}

const NOTHING: readonly null[] = [null, null];
const WORDS_KEPT = 50_000;

function rotate(word: string): string {
  return word.replace(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97));
}

/** Runs of words that only make sense decoded. */
function findWords(words: readonly Word[], decoded: DecodedWords): HiddenText[] {
  const found: HiddenText[] = [];
  const runs: { start: number; end: number; decoded: string }[][] = CIPHERS.map(() => []);
  const close = (cipher: number) => {
    const run = runs[cipher]!;
    if (run.length === 0) return;
    const letters = run.reduce((sum, one) => sum + one.decoded.length, 0);
    if (run.length >= LEAST_WORDS && letters >= LEAST_LETTERS)
      found.push({ kind: CIPHERS[cipher]!, start: run[0]!.start, end: run.at(-1)!.end, decoded: run.map((one) => one.decoded).join(' ') });
    runs[cipher] = [];
  };
  for (const { text: word, start, end } of words) {
    const says = decoded.of(word);
    for (let cipher = 0; cipher < CIPHERS.length; cipher++) {
      const one = says[cipher]!;
      if (one === null) close(cipher);
      else runs[cipher]!.push({ start, end, decoded: one });
    }
  }
  CIPHERS.forEach((_, cipher) => close(cipher));
  return found;
}

/** Words of a text, for comparing texts by what they say. */
import { isUnspacedLetter } from './word-starts.js';

export interface Word {
  /** Lower case. */
  readonly text: string;
  /** Range in the text, UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
/** The first letter of the scripts without spaces comes after all of Latin, Greek, Cyrillic, Arabic and Devanagari. */
const MAY_BE_UNSPACED = /[\u0e00-\u{10ffff}]/u;
const MARK = /\p{M}/u;

/** Runs of letters and digits; in scripts without spaces each letter, with its marks, is a word. */
export function splitWords(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const start = match.index;
    const run = match[0];
    if (MAY_BE_UNSPACED.test(run)) words.push(...splitRun(run, start));
    else words.push({ text: run.toLowerCase(), start, end: start + run.length });
  }
  return words;
}

function splitRun(run: string, start: number): Word[] {
  const words: { text: string; start: number; end: number }[] = [];
  let joins = false;
  let offset = start;
  for (const character of run) {
    const unspaced = isUnspacedLetter(character.codePointAt(0)!);
    const last = words.at(-1);
    const end = offset + character.length;
    if (last && !unspaced && (joins || MARK.test(character))) {
      last.text += character.toLowerCase();
      last.end = end;
    } else {
      words.push({ text: character.toLowerCase(), start: offset, end });
    }
    joins = !unspaced && (joins || !MARK.test(character));
    offset = end;
  }
  return words;
}

/** Words as a dictionary cuts them, for scripts without spaces; where the program has none, {@link splitWords} serves. */
let dictionary: Intl.Segmenter | null | undefined;

/** As {@link splitWords}, but scripts without spaces are cut into the words that a dictionary knows. */
export function segmentWords(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const start = match.index;
    const run = match[0];
    if (!MAY_BE_UNSPACED.test(run)) words.push({ text: run.toLowerCase(), start, end: start + run.length });
    else words.push(...segmentRun(run, start));
  }
  return words;
}

function segmentRun(run: string, start: number): Word[] {
  dictionary ??= typeof Intl.Segmenter === 'function' ? new Intl.Segmenter(undefined, { granularity: 'word' }) : null;
  if (dictionary === null) return splitRun(run, start);
  const words: Word[] = [];
  for (const { segment, index } of dictionary.segment(run))
    words.push({ text: segment.toLowerCase(), start: start + index, end: start + index + segment.length });
  return words;
}

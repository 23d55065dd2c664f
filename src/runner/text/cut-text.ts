/** Cuts a long text into stretches that are scored one by one. All places are UTF-16 units of the text. */
import type { TextRange } from '../../analysis/patterns/pattern.js';

/** A stretch that is short enough for every model, about 250 tokens of English. */
export const STRETCH_UNITS = 1000;
/** Text before a stretch that the models are given with it, at most. */
export const CONTEXT_UNITS = 1000;

/**
 * Stretches of about {@link STRETCH_UNITS}, in order and without a hole. They end after a line where there is one, else
 * before a blank, else anywhere between two characters.
 */
export function cutIntoStretches(text: string): TextRange[] {
  const stretches: TextRange[] = [];
  for (let start = 0; start < text.length;) {
    const end = text.length - start <= STRETCH_UNITS ? text.length : findCut(text, start + STRETCH_UNITS / 2, start + STRETCH_UNITS);
    stretches.push([start, end]);
    start = end;
  }
  return stretches;
}

/** Those that touch `first`, then what follows, then what comes before. */
export function orderStretches(stretches: readonly TextRange[], first: TextRange | undefined): TextRange[] {
  if (!first) return [...stretches];
  const turn = ([start, end]: TextRange) => (end <= first[0] ? 2 : start >= first[1] ? 1 : 0);
  return [...stretches].sort((a, b) => turn(a) - turn(b) || a[0] - b[0]);
}

/** Both halves of a stretch that was too long; `null` where it is one character. */
export function halve(text: string, [start, end]: TextRange): [TextRange, TextRange] | null {
  const quarter = (end - start) / 4;
  const cut = findCut(text, Math.max(start + 1, Math.floor(start + quarter)), Math.max(start + 1, Math.floor(end - quarter)));
  return cut > start && cut < end
    ? [
        [start, cut],
        [cut, end],
      ]
    : null;
}

/** What stands before a place, from the beginning of a line or a word. */
export function contextBefore(text: string, place: number): TextRange {
  if (place <= CONTEXT_UNITS) return [0, place];
  return [findCut(text, place - CONTEXT_UNITS, place - CONTEXT_UNITS / 2), place];
}

/** The last good place from `least` to `most`. */
function findCut(text: string, least: number, most: number): number {
  const from = Math.ceil(least);
  const line = text.lastIndexOf('\n', most - 1) + 1;
  if (line >= from && line > 0) return line;
  for (let place = most; place >= from; place--) if (/\s/.test(text[place] ?? '') && !/\s/.test(text[place - 1] ?? ' ')) return place;
  if (!isHighSurrogate(text.charCodeAt(most - 1))) return most;
  return most > from ? most - 1 : most + 1;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

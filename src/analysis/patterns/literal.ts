/**
 * Texts that are looked for as they are. Nothing in such a pattern can be matched in two ways, so that JavaScript's own
 * engine takes no time to speak of; whatever else is looked for goes through {@link compilePattern}.
 */
import type { TextMatcher, TextRange } from './pattern.js';

/** Finds a text as it stands, in any letter case. */
export function compileLiteral(text: string): TextMatcher {
  if (text === '') return { test: () => false, findAll: () => [] };
  const pieces = cutIntoPieces(text).map((piece, index) => compile(escapePattern(piece), index === 0 ? 'giu' : 'iuy'));
  return {
    test: (searched) => findPieces(searched, pieces, 0) !== null,
    findAll: (searched, most = Infinity) => {
      const ranges: TextRange[] = [];
      for (let from = 0; ranges.length < most;) {
        const range = findPieces(searched, pieces, from);
        if (range === null) break;
        ranges.push(range);
        from = range[1];
      }
      return ranges;
    },
  };
}

/** UTF-16 units. The engine refuses patterns from some thousand letters on. */
const PIECE_LENGTH = 1000;

function cutIntoPieces(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    let to = from + PIECE_LENGTH;
    if (isWithinPair(text, to)) to++;
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

/** Where the pieces stand one behind the other, from `from` on; `null` where they do not. */
function findPieces(searched: string, [first, ...rest]: readonly RegExp[], from: number): TextRange | null {
  for (let start = from; ;) {
    first!.lastIndex = start;
    const found = first!.exec(searched);
    if (found === null) return null;
    let end = first!.lastIndex;
    const follows = rest.every((piece) => {
      piece.lastIndex = end;
      const isThere = piece.test(searched);
      end = piece.lastIndex;
      return isThere;
    });
    if (follows) return [found.index, end];
    start = found.index + (isWithinPair(searched, found.index + 1) ? 2 : 1);
  }
}

/** Whether both halves of one character stand around a place. */
function isWithinPair(text: string, place: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(place - 1, place + 1));
}

/** Matches any of the texts as it stands, in any letter case, everywhere; of those that begin at one place, the first of the list. */
export function literalExpression(texts: readonly string[]): RegExp {
  return compile(texts.map(escapePattern).join('|'), 'giu');
}

function compile(source: string, flags: string): RegExp {
  // eslint-disable-next-line no-restricted-syntax -- nothing of the texts is left to mean anything but itself
  return new RegExp(source, flags);
}

/** A pattern, with the flag `u` or without, that matches the text as it is. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Where a search matched, and how visible parts are cut at it. */
import type { VisiblePart } from '../../src/audit/visible-text.js';

/** `[start, end)` in UTF-16 units of the searched text. */
export type TextRange = readonly [start: number, end: number];

export type MarkedPart = VisiblePart & { readonly marked: boolean };

/** More marks than this in one completion tell nothing. */
const MOST_RANGES = 500;

/** Matches of a global pattern in a text, in order; empty matches are none. */
export function findRanges(pattern: RegExp | null, text: string): TextRange[] {
  const ranges: TextRange[] = [];
  if (!pattern) return ranges;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue;
    ranges.push([match.index, match.index + match[0].length]);
    if (ranges.length === MOST_RANGES) break;
  }
  return ranges;
}

/**
 * Parts cut where a range begins or ends. `offset` is where the parts' text begins within the searched text; ranges
 * are in order and do not overlap.
 */
export function markParts(parts: readonly VisiblePart[], ranges: readonly TextRange[], offset: number): MarkedPart[] {
  return parts.flatMap((part) => {
    const touching = ranges.filter(([start, end]) => start < part.end + offset && end > part.start + offset);
    if (touching.length === 0) return [{ ...part, marked: false }];
    if (part.kind !== 'text') return [{ ...part, marked: true }];
    return cutText(part, touching, offset);
  });
}

function cutText(part: VisiblePart & { kind: 'text' }, ranges: readonly TextRange[], offset: number): MarkedPart[] {
  const pieces: MarkedPart[] = [];
  const push = (start: number, end: number, marked: boolean) => {
    if (end > start) pieces.push({ kind: 'text', text: part.text.slice(start - part.start, end - part.start), start, end, marked });
  };
  let from = part.start;
  for (const range of ranges) {
    const start = Math.max(range[0] - offset, part.start);
    const end = Math.min(range[1] - offset, part.end);
    push(from, start, false);
    push(start, end, true);
    from = end;
  }
  push(from, part.end, false);
  return pieces;
}

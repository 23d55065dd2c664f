/** Marks in a text, and how its visible parts are cut at them. */
import type { TextMatcher, TextRange } from '../../src/analysis/patterns/pattern.js';
import type { VisiblePart } from '../../src/text/visible-text.js';

export type { TextRange };

/** `[start, end)` in UTF-16 units of the text in which the marks are. They may overlap. */
export interface TextMark {
  readonly start: number;
  readonly end: number;
  /** What a search or a keyword matched, what is hidden text, what a finding is about, what is chosen for one. */
  readonly kind: 'match' | 'keyword' | 'hidden' | 'finding' | 'chosen';
  /** Shown where the pointer rests on it. */
  readonly title?: string;
  /** Of a finding in its completion. */
  readonly number?: number;
  /** Its id. */
  readonly finding?: string;
  readonly resolved?: boolean;
}

/** More marks of a search than this in one completion tell nothing. */
const MOST_RANGES = 500;

/** Matches in a text, in order. */
export function findRanges(pattern: TextMatcher | null, text: string): TextRange[] {
  return pattern?.findAll(text, MOST_RANGES) ?? [];
}

export function marksOf(ranges: readonly TextRange[], kind: TextMark['kind'], offset = 0): TextMark[] {
  return ranges.map(([start, end]) => ({ start: start + offset, end: end + offset, kind }));
}

export type MarkedPart = VisiblePart & {
  readonly marks: readonly TextMark[];
  /** Findings that end with this part, which is where their numbers stand. */
  readonly ending: readonly TextMark[];
};

/** Parts cut where a mark begins or ends. `offset` is where the parts' text begins within the text that marks count in. */
export function markParts(parts: readonly VisiblePart[], marks: readonly TextMark[], offset: number): MarkedPart[] {
  return parts.flatMap((part) => {
    const touching = marks.filter(({ start, end }) => start < part.end + offset && end > part.start + offset);
    if (touching.length === 0) return [{ ...part, marks: [], ending: [] }];
    return part.kind === 'text' ? cutText(part, touching, offset) : [{ ...part, marks: touching, ending: endingIn(part, touching, offset) }];
  });
}

function cutText(part: VisiblePart & { kind: 'text' }, marks: readonly TextMark[], offset: number): MarkedPart[] {
  const cuts = marks.flatMap(({ start, end }) => [start - offset, end - offset]).filter((cut) => cut > part.start && cut < part.end);
  const edges = [...new Set([part.start, ...cuts, part.end])].sort((a, b) => a - b);
  return edges.slice(1).map((end, index) => {
    const start = edges[index]!;
    const piece = { kind: 'text' as const, text: part.text.slice(start - part.start, end - part.start), start, end };
    const over = marks.filter((mark) => mark.start < end + offset && mark.end > start + offset);
    return { ...piece, marks: over, ending: endingIn(piece, over, offset) };
  });
}

function endingIn(part: VisiblePart, marks: readonly TextMark[], offset: number): TextMark[] {
  return marks.filter(({ kind, end }) => kind === 'finding' && end > part.start + offset && end <= part.end + offset);
}

/** Moves a range by an edit on other lines. */

interface Place {
  readonly line: number;
  readonly character: number;
}

export interface PlaceRange {
  readonly start: Place;
  readonly end: Place;
}

export interface LineEdit {
  /** First and last line of what was replaced. */
  readonly from: number;
  readonly to: number;
  /** Line breaks in what took its place. */
  readonly added: number;
}

/** An editor's positions have getters, which a copy by spreading would lose. */
function move({ line, character }: Place, by: number): Place {
  return { line: line + by, character };
}

/** `null` where the edit touched one of its lines. One that ends before the first character of a line is not on that line. */
export function shiftRange({ start, end }: PlaceRange, { from, to, added }: LineEdit): PlaceRange | null {
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  if (last < from) return { start, end };
  if (start.line <= to) return null;
  const by = added - (to - from);
  return { start: move(start, by), end: move(end, by) };
}

/** Keeps what is being read in its place while the ranking around it changes. All lengths in pixels. */

export interface Viewport {
  readonly top: number;
  readonly height: number;
}

/** A row, and how far below the viewport's top it begins. */
export interface Anchor {
  readonly id: number;
  readonly offset: number;
}

/**
 * The row to hold on to: the selected one where it is in view, else the first in view. None at the top with nothing
 * selected there, where the best shall come in.
 */
export function chooseAnchor(ids: readonly number[], rowHeight: number, viewport: Viewport, selectedIndex: number): Anchor | null {
  const first = Math.floor(viewport.top / rowHeight);
  const selectedTop = selectedIndex * rowHeight - viewport.top;
  const inView = selectedIndex >= 0 && selectedTop > -rowHeight && selectedTop < viewport.height;
  if (inView) return { id: ids[selectedIndex]!, offset: selectedTop };
  const id = ids[first];
  return viewport.top < 1 || id === undefined ? null : { id, offset: first * rowHeight - viewport.top };
}

/** Where to scroll so that the anchor is where it was; null where it is gone. */
export function anchoredTop(ids: readonly number[], rowHeight: number, anchor: Anchor): number | null {
  const index = ids.indexOf(anchor.id);
  return index < 0 ? null : Math.max(0, index * rowHeight - anchor.offset);
}

/** Completions of `fresh` that begin above the viewport. */
export function countAbove(ids: readonly number[], rowHeight: number, viewport: Viewport, fresh: ReadonlySet<number>): number {
  if (fresh.size === 0) return 0;
  let above = 0;
  const end = Math.min(ids.length, Math.floor((viewport.top + rowHeight / 2) / rowHeight));
  for (let index = 0; index < end; index++) if (fresh.has(ids[index]!)) above++;
  return above;
}

/** Translates a place in the page into a place in the text that the page shows. */

/**
 * UTF-16 units of the shown text before a place in `root`. Text counts as what it is; an element with `data-units` stands for
 * that many units, whatever is in it, and a place within it is at its start or its end.
 */
export function sourceOffset(root: Element, container: Node, offset: number, edge: 'start' | 'end'): number {
  const before = document.createRange();
  before.setStart(root, 0);
  const whole = findWhole(root, container);
  if (whole === null) before.setEnd(container, offset);
  else if (edge === 'start') before.setEndBefore(whole);
  else before.setEndAfter(whole);
  return countUnits(before.cloneContents());
}

function countUnits(node: Node): number {
  if (node instanceof HTMLElement && node.dataset.units !== undefined) return Number(node.dataset.units);
  if (node.nodeType === Node.TEXT_NODE) return node.nodeValue!.length;
  let units = 0;
  for (const child of node.childNodes) units += countUnits(child);
  return units;
}

function findWhole(root: Element, node: Node): Element | null {
  const found = (node instanceof Element ? node : node.parentElement)?.closest('[data-units]') ?? null;
  return found && root.contains(found) ? found : null;
}

export interface SelectedText {
  /** In UTF-16 units of the shown text. */
  readonly start: number;
  readonly end: number;
}

/** What of the text in `root` is selected with the mouse; `null` where nothing is, or only blanks. */
export function readSelection(root: Element): SelectedText | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(root) || !root.contains(selection.anchorNode)) return null;
  const start = root.contains(range.startContainer) ? sourceOffset(root, range.startContainer, range.startOffset, 'start') : 0;
  const end = root.contains(range.endContainer) ? sourceOffset(root, range.endContainer, range.endOffset, 'end') : countUnits(root);
  return end > start ? { start, end } : null;
}

/**
 * The token in the line above (−1) or below (1), nearest to where the active one begins; the active one where there is
 * no such line.
 */
export function findTokenInLine(tokens: HTMLElement, active: number, direction: 1 | -1): number {
  const rects = [...tokens.querySelectorAll<HTMLElement>('[data-index]')].map((element) => element.getClientRects()[0]);
  const from = rects[active];
  if (!from) return 0;
  const lineOf = (rect: DOMRect) => rect.top + rect.height / 2;
  const beyond = (rect: DOMRect) => direction * (lineOf(rect) - lineOf(from)) > from.height / 2;
  const others = rects.flatMap((rect, index) => (rect && beyond(rect) ? [{ rect, index }] : []));
  if (others.length === 0) return active;
  const nearest = Math.min(...others.map(({ rect }) => Math.abs(lineOf(rect) - lineOf(from))));
  const line = others.filter(({ rect }) => Math.abs(lineOf(rect) - lineOf(from)) < nearest + from.height / 2);
  return line.reduce((best, other) => (Math.abs(other.rect.left - from.left) < Math.abs(best.rect.left - from.left) ? other : best)).index;
}

/** The tokens on the page: what they are called there, and which of them are marked as pointed at. */

/** The panel that says more about the token that is pointed at. */
export const TOOLTIP_ID = 'token-tooltip';

export function tokenElementId(index: number): string {
  return `token-${index}`;
}

/** Focus stays on the list of tokens; which of them is meant is said by reference. */
export function showActive(tokens: HTMLElement | null, at: { readonly index: number } | null): void {
  if (!tokens) return;
  for (const element of tokens.querySelectorAll('.active')) {
    element.classList.remove('active');
    element.setAttribute('aria-selected', 'false');
    element.removeAttribute('aria-describedby');
  }
  const active = at && document.getElementById(tokenElementId(at.index));
  if (!active) {
    tokens.removeAttribute('aria-activedescendant');
    return;
  }
  active.classList.add('active');
  active.setAttribute('aria-selected', 'true');
  active.setAttribute('aria-describedby', TOOLTIP_ID);
  tokens.setAttribute('aria-activedescendant', active.id);
}

/** Marks the whole segment of the token that is pointed at, across tokenizers. */
export function showSegment(tokens: HTMLElement | null, at: { readonly index: number } | null): void {
  if (!tokens) return;
  const segment = at && document.getElementById(tokenElementId(at.index))?.closest('.segment');
  for (const element of tokens.querySelectorAll('.segment.pointed')) if (element !== segment) element.classList.remove('pointed');
  segment?.classList.add('pointed');
}

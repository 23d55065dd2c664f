/** How the regions of the page stand to each other, by the width that the page has. */
import { signal } from '@preact/signals';

/**
 * - `wide`: list, completion and panel beside each other
 * - `middle`: the panel under the list, the completion beside both
 * - `narrow`: list and panel beside each other, the completion under both
 * - `slim`: all under each other
 */
export type PageLayout = 'wide' | 'middle' | 'narrow' | 'slim';

/** From so many pixels of width on, widest first. */
const WIDTHS: readonly (readonly [PageLayout, number])[] = [
  ['wide', 1200],
  ['middle', 760],
  ['narrow', 520],
  ['slim', 0],
];

export const pageLayout = signal<PageLayout>('middle');

/** @param width pixels of the page */
export function layoutOf(width: number): PageLayout {
  return WIDTHS.find(([, from]) => width >= from)![0];
}

/** Follows the window's width. */
export function watchLayout(): void {
  const refresh = () => {
    pageLayout.value = layoutOf(window.innerWidth);
  };
  window.addEventListener('resize', refresh);
  refresh();
}

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type Range } from '@tanstack/virtual-core';
import { useLayoutEffect, useState } from 'preact/hooks';

interface VirtualRows {
  readonly count: number;
  readonly rowHeight: number;
  readonly viewport: { readonly current: HTMLElement | null };
  /** A row that stays in the document wherever the list is scrolled, since a screen reader is pointed at it; or −1. */
  readonly keep: number;
}

const OVERSCAN = 6;

/** The rows to render now. All rows are of one height (pixels). */
export function useVirtualRows({ count, rowHeight, viewport, keep }: VirtualRows): Virtualizer<HTMLElement, HTMLElement> {
  const [, setVersion] = useState(0);
  const options = {
    count,
    getScrollElement: () => viewport.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    rangeExtractor: (range: Range) => withKept(range, keep),
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => setVersion((version) => version + 1),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => virtualizer.measure(), [rowHeight]);
  return virtualizer;
}

function withKept(range: Range, keep: number): number[] {
  const from = Math.max(0, range.startIndex - range.overscan);
  const to = Math.min(range.count - 1, range.endIndex + range.overscan);
  const indexes = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  if (keep >= 0 && keep < range.count && (keep < from || keep > to)) indexes.push(keep);
  return indexes;
}

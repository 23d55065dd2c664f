/**
 * A text as an editor shows it: line breaks are line breaks, and whatever could not be seen stands there by sign or code
 * point. Knows for each place of one text where it is in the other, in UTF-16 units.
 */
import { chipText, visibleParts, type VisiblePart } from '../../text/visible-text.js';

/** Which side of something that has no places within a place there goes to. */
export type Edge = 'start' | 'end';

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly shownFrom: number;
  readonly shownTo: number;
  /** Shown as it is. */
  readonly exact: boolean;
}

export class ShownText {
  readonly #stretches: readonly Stretch[];
  readonly text: string;

  constructor(source: string) {
    let shown = '';
    this.#stretches = visibleParts(source).map((part) => {
      const shownFrom = shown.length;
      shown += showPart(part);
      return { from: part.start, to: part.end, shownFrom, shownTo: shown.length, exact: part.kind === 'text' };
    });
    this.text = shown;
  }

  /** Beyond the end is the end. */
  toShown(place: number, edge: Edge): number {
    const stretch = this.#stretches.find(({ to }) => place < to);
    if (!stretch) return this.text.length;
    if (place <= stretch.from) return stretch.shownFrom;
    if (stretch.exact) return stretch.shownFrom + place - stretch.from;
    return edge === 'start' ? stretch.shownFrom : stretch.shownTo;
  }

  toSource(place: number, edge: Edge): number {
    const stretch = this.#stretches.find(({ shownTo }) => place < shownTo);
    if (!stretch) return this.#stretches.at(-1)?.to ?? 0;
    if (place <= stretch.shownFrom) return stretch.from;
    if (stretch.exact) return stretch.from + place - stretch.shownFrom;
    return edge === 'start' ? stretch.from : stretch.to;
  }
}

function showPart(part: VisiblePart): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'newline':
      return '⏎\n';
    case 'tab':
      return '⇥\t';
    case 'blank':
      return '⍽';
    case 'chip':
      return `⟦${chipText(part)}⟧`;
  }
}

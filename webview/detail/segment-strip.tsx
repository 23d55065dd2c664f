import { useLayoutEffect, useRef } from 'preact/hooks';
import { visibleLine } from '../../src/text/visible-text.js';
import type { CompletionDetail } from '../../src/messages/page.js';
import { formatFixed } from '../../src/text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import { layOutSegment, type SegmentLayout, type TokenBox } from './segment-layout.js';
import { spacedHex } from './token-reading.js';

interface SegmentStripProps {
  readonly detail: CompletionDetail;
  /** Of the segment. */
  readonly index: number;
  /** The token of F that is pointed at. */
  readonly pointed: number;
  /** The panel stays, and what is wider than it can be scrolled. */
  readonly pinned: boolean;
}

/** Both models' tokens of a segment, one row each, over the same text: what each is called and how likely it was. */
export function SegmentStrip({ detail, index, pointed, pinned }: SegmentStripProps) {
  const strip = useRef<HTMLDivElement>(null);
  const layout = layOutSegment(detail, index);
  useLayoutEffect(() => {
    const scroller = strip.current!;
    // A segment of many tokens is wider than the panel.
    const box = scroller.querySelector<HTMLElement>('.pointed');
    if (box) scroller.scrollLeft = box.offsetLeft - (scroller.clientWidth - box.offsetWidth) / 2;
    scroller.tabIndex = pinned && scroller.scrollWidth > scroller.clientWidth ? 0 : -1;
  }, [detail, index, pointed, pinned]);
  return (
    <div ref={strip} class="strip-scroller" role="group" aria-label="Tokens of both models">
      <div class="segment-strip" style={{ gridTemplateColumns: `auto repeat(${layout.columns}, auto)` }}>
        <Boxes side="f" name="F" boxes={layout.finetuned} layout={layout} pointed={pointed} />
        <Boxes side="r" name="R" boxes={layout.reference} layout={layout} pointed={null} />
      </div>
    </div>
  );
}

interface BoxesProps {
  readonly side: 'f' | 'r';
  readonly name: string;
  readonly boxes: readonly TokenBox[];
  readonly layout: SegmentLayout;
  readonly pointed: number | null;
}

function Boxes({ side, name, boxes, layout: { prefillColumns }, pointed }: BoxesProps) {
  const row = side === 'f' ? 1 : 2;
  return (
    <>
      <span class={`strip-model role likes-${side}`} style={{ gridRow: row }} aria-hidden="true">
        {name}
      </span>
      {side === 'f' && prefillColumns > 0 && (
        <span class="strip-prefill" style={{ gridRow: row, gridColumn: `2 / ${prefillColumns + 2}` }}>
          prefill
        </span>
      )}
      <ol class="strip-tokens" aria-label={`Tokens of ${name}`}>
        {boxes.map((box) => (
          <li
            key={box.from}
            class={`strip-token likes-${side} ${box.index !== undefined && box.index === pointed ? 'pointed' : ''}`}
            style={{ gridRow: row, gridColumn: `${box.from + 2} / ${box.to + 2}` }}
          >
            <BoxText box={box} prefillColumns={prefillColumns} />
            <span class="strip-logprob" title={box.logprob === null ? undefined : 'ln of the probability, in nats'}>
              <span class="visually-hidden">: </span>
              {box.logprob === null ? '–' : formatFixed(box.logprob, 2)}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

/** Each part stands in its own column, so that a letter of one row is under the same letter of the other. */
function BoxText({ box: { text, hex, parts, from }, prefillColumns }: { box: TokenBox; prefillColumns: number }) {
  if (parts === null || text === '') {
    return (
      <span class="strip-text whole">
        {hex !== null && text !== '' && <VisibleText text={text} breaks={false} spaces />}
        <span class="chip">{hex === null ? 'no bytes' : spacedHex(hex)}</span>
      </span>
    );
  }
  return (
    <>
      <span class="visually-hidden">{visibleLine(text)}</span>
      {parts.map((part, i) => (
        <span key={i} class={`strip-text ${from + i < prefillColumns ? 'in-prefill' : ''}`} style={{ gridColumn: i + 1 }} aria-hidden="true">
          <VisibleText text={part} breaks={false} spaces />
        </span>
      ))}
    </>
  );
}

import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { CompletionDetail, CompletionSummary } from '../../src/messages/page.js';
import { completionOffset, searchedText } from '../state/search.js';
import { isSalient, shadeClass, shadeLevel, type GapScale } from '../text/gap-shade.js';
import { findRanges } from '../text/marks.js';
import { formatFixed } from '../text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import { usePage } from '../widgets/context.js';
import { Boundary, CutText } from './boundaries.js';
import { PrefillText } from './prefill-text.js';
import { referenceBoundaries } from './segment-layout.js';
import { showActive, showSegment, tokenElementId } from './token-elements.js';
import { findTokenInLine } from './token-lines.js';
import type { TokenPointer } from './token-pointer.js';
import { groupTokens, hexOf, isExcluded, segmentOf, shadedGap, tokenLabel, tokenOffsets, type TokenGroup } from './token-reading.js';

interface TokenTextProps {
  readonly completion: CompletionSummary;
  readonly detail: CompletionDetail;
  readonly scale: GapScale;
  readonly printValues: boolean;
  readonly showBoundaries: boolean;
  readonly pattern: RegExp | null;
  readonly pointer: TokenPointer;
}

/** How long the pointer rests on a token before it is looked at (milliseconds). */
const HOVER_DELAY = 90;
const PEAK_FLASH = 2500;

/** The completion, token by token: one tab stop, arrow keys within. */
export function TokenText({ completion, detail, scale, printValues, showBoundaries, pattern, pointer }: TokenTextProps) {
  const { commands } = usePage();
  const tokens = useRef<HTMLSpanElement>(null);
  const { id } = completion;
  const last = detail.tokens.length - (detail.end ? 0 : 1);
  const hovering = useRef<ReturnType<typeof setTimeout>>(undefined);

  const point = (index: number) => {
    const to = Math.min(last, Math.max(0, index));
    pointer.hovered.value = null;
    if (pointer.pinned.peek()) pointer.pinned.value = { id, index: to };
    pointer.focused.value = { id, index: to };
    document.getElementById(tokenElementId(to))?.scrollIntoView({ block: 'nearest' });
  };

  useSignalEffect(() => showActive(tokens.current, pointer.pinned.value ?? pointer.focused.value));
  useSignalEffect(() => showSegment(tokens.current, pointer.pointed.value));
  useLayoutEffect(() => {
    showActive(tokens.current, pointer.pinned.peek() ?? pointer.focused.peek());
    showSegment(tokens.current, pointer.pointed.peek());
  });
  useEffect(() => {
    const goToPeak = () => {
      if (!detail.peak) return;
      const first = document.getElementById(tokenElementId(detail.peak[0]));
      first?.scrollIntoView({ block: 'center' });
      tokens.current?.classList.add('show-peak');
      setTimeout(() => tokens.current?.classList.remove('show-peak'), PEAK_FLASH);
    };
    commands.tokens = {
      showAlternatives: () => {
        const at = pointer.pointed.peek();
        if (at) void pointer.askAlternatives(at);
        else commands.tell('Point at a token first: with the mouse, or with Tab and the arrow keys.');
      },
      dismiss: () => pointer.dismiss(),
      goToPeak,
    };
    return () => {
      commands.tokens = null;
      pointer.dismiss();
      clearTimeout(hovering.current);
    };
  }, [detail]);

  const onKeyDown = (event: KeyboardEvent) => {
    const active = (pointer.pinned.peek() ?? pointer.focused.peek())?.index ?? -1;
    const moves: Record<string, () => void> = {
      ArrowRight: () => point(active + 1),
      ArrowLeft: () => point(active - 1),
      ArrowDown: () => point(findTokenInLine(tokens.current!, active, 1)),
      ArrowUp: () => point(findTokenInLine(tokens.current!, active, -1)),
      Home: () => point(0),
      End: () => point(last),
      Enter: () => active >= 0 && pointer.pin({ id, index: active }),
      ' ': () => active >= 0 && pointer.pin({ id, index: active }),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(moves, event.key)) return;
    moves[event.key]!();
    event.preventDefault();
    event.stopPropagation();
  };
  const onHover = (event: MouseEvent) => {
    const index = indexAt(event);
    clearTimeout(hovering.current);
    if (event.buttons !== 0) return;
    hovering.current = setTimeout(() => {
      pointer.hovered.value = index === null ? null : { id, index };
    }, HOVER_DELAY);
  };
  const onClick = (event: MouseEvent) => {
    const index = indexAt(event);
    // Selecting text is not a click on a token.
    if (index === null || !(getSelection()?.isCollapsed ?? true)) return;
    pointer.focused.value = { id, index };
    pointer.pin({ id, index });
  };

  const ranges = findRanges(pattern, searchedText(completion));
  const offsets = tokenOffsets(detail);
  const textStart = completionOffset(completion);
  const cuts = showBoundaries ? referenceBoundaries(detail).map((offset) => textStart + offset) : [];
  const [peakFrom, peakTo] = detail.peak ?? [-1, -1];

  const renderToken = (index: number) => {
    const token = detail.tokens[index]!;
    const gap = shadedGap(detail, token);
    const segment = segmentOf(detail, token);
    const hex = token.text === '' ? hexOf(token) : null;
    const kinds = [
      'token',
      shadeClass(shadeLevel(gap, scale)),
      isExcluded(detail, token) ? 'excluded' : '',
      token.control ? 'control' : '',
      index >= peakFrom && index < peakTo ? 'peak' : '',
    ];
    // A segment's gap is printed once, after all of it.
    const carriesValue = printValues && isSalient(gap, scale) && (!segment || detail.tokens[index + 1]?.segment !== token.segment);
    return (
      <span
        key={index}
        id={tokenElementId(index)}
        class={kinds.filter(Boolean).join(' ')}
        role="option"
        aria-selected={false}
        aria-label={tokenLabel(detail, token)}
        data-index={index}
        {...(carriesValue ? { 'data-value': formatFixed(segment ? segment.gap : gap!, 1, true) } : {})}
      >
        {showBoundaries && <Boundary side="f" />}
        {hex === null ? <CutText text={token.text} ranges={ranges} cuts={cuts} offset={textStart + offsets[index]!} /> : <span class="chip">{hex}</span>}
      </span>
    );
  };
  const renderGroup = ({ segment, from, to }: TokenGroup) => {
    const members = Array.from({ length: to - from }, (_, i) => renderToken(from + i));
    if (segment === null) return members;
    return (
      <span key={`segment ${segment}`} class="segment" role="presentation">
        {members}
      </span>
    );
  };

  return (
    <div class="token-text reading" onMouseOver={onHover} onMouseLeave={() => { clearTimeout(hovering.current); pointer.hovered.value = null; }} onClick={onClick}>
      <PrefillText completion={completion} ranges={ranges} cuts={cuts.filter((cut) => cut < textStart)} />
      <span
        ref={tokens}
        class="tokens"
        role="listbox"
        aria-orientation="horizontal"
        aria-label="Tokens of the completion with their gaps"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (!pointer.focused.peek() && (event.target as HTMLElement).matches(':focus-visible')) point(0);
        }}
        onBlur={() => {
          pointer.focused.value = null;
        }}
      >
        {groupTokens(detail).map(renderGroup)}
        {detail.end && (
          <span
            id={tokenElementId(detail.tokens.length)}
            class="token control excluded end"
            role="option"
            aria-selected={false}
            aria-label={`End of turn, ${tokenLabel(detail, detail.end)}, in no score`}
            data-index={detail.tokens.length}
          >
            <VisibleText text={detail.end.text} breaks={false} />
          </span>
        )}
      </span>
      {!detail.end && (
        <span class="cut-off" title="The length limit ended this completion">
          …
        </span>
      )}
    </div>
  );
}

function indexAt(event: Event): number | null {
  const element = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
  return element ? Number(element.dataset.index) : null;
}

import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { CompletionDetail, CompletionSummary } from '../../src/messages/page.js';
import { completionOffset } from '../state/search.js';
import { shadeLevel, type GapScale } from '../../src/text/gap-shade.js';
import { isSalient, shadeClass } from '../text/gap-shade.js';
import type { TextMark } from '../text/marks.js';
import { formatFixed } from '../../src/text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { announce } from '../widgets/announcer.js';
import { usePage } from '../widgets/context.js';
import { Boundary, CutText } from './boundaries.js';
import { PrefillText } from './prefill-text.js';
import { referenceBoundaries } from './segment-layout.js';
import { showActive, showSegment, tokenElementId } from './token-elements.js';
import { findTokenInLine } from './token-lines.js';
import type { TokenPointer } from './token-pointer.js';
import { groupTokens, hexOf, isExcluded, segmentOf, shadedGap, tokenLabel, tokenOffsets, wordLabel, type TokenGroup } from './token-reading.js';

interface TokenTextProps {
  readonly completion: CompletionSummary;
  readonly detail: CompletionDetail;
  readonly scale: GapScale;
  readonly printValues: boolean;
  readonly showBoundaries: boolean;
  /** In the text that is searched. */
  readonly marks: readonly TextMark[];
  /** Words instead of tokens: there is nothing to show for each. */
  readonly plain?: boolean;
  readonly pointer: TokenPointer;
}

/** How long the pointer rests on a token before it is looked at (milliseconds). */
const HOVER_DELAY = 90;
const PEAK_FLASH = 2500;

/** The completion, token by token: one tab stop, arrow keys within. */
export function TokenText({ completion, detail, scale, printValues, showBoundaries, marks, plain = false, pointer }: TokenTextProps) {
  const { commands } = usePage();
  const tokens = useRef<HTMLSpanElement>(null);
  const { id } = completion;
  const last = detail.tokens.length - (detail.end ? 0 : 1);
  const hovering = useRef<ReturnType<typeof setTimeout>>(undefined);
  const offsets = tokenOffsets(detail);
  /** Where a choice with Shift began; `null` where there is none. */
  const anchor = useRef<number | null>(null);
  const latest = useRef(0);

  const point = (index: number) => {
    const to = Math.min(last, Math.max(0, index));
    pointer.hovered.value = null;
    if (pointer.pinned.peek()) pointer.pinned.value = { id, index: to };
    pointer.focused.value = { id, index: to };
    latest.current = to;
    document.getElementById(tokenElementId(to))?.scrollIntoView({ block: 'nearest' });
  };
  /** Chooses the tokens from where Shift was first held to the active one. */
  const extend = (move: () => void) => {
    const from = (anchor.current ??= Math.max(0, pointer.focused.peek()?.index ?? 0));
    move();
    const to = pointer.focused.peek()?.index ?? from;
    const [first, end] = [Math.min(from, to), Math.min(detail.tokens.length - 1, Math.max(from, to))];
    if (first > end) return;
    const text = detail.tokens
      .slice(first, end + 1)
      .map((token) => token.text)
      .join('');
    const start = completion.prefillText.length + offsets[first]!;
    commands.findings.chosen.value = { id, start, end: start + text.length, by: 'keys', place: () => rectOf(first, end) };
    announce(`Selected: ${visibleLine(text)}`);
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
    const drawn = {
      id,
      showAlternatives: () => {
        const at = pointer.pointed.peek();
        if (at && !plain) void pointer.askAlternatives(at);
        else if (plain) commands.tell('There is no token data here.');
        else commands.tell('Point at a token first: with the mouse, or with Tab and the arrow keys.');
      },
      dismiss: () => {
        const hadChosen = commands.findings.chosen.peek()?.by === 'keys';
        if (hadChosen) commands.findings.chosen.value = null;
        anchor.current = null;
        return pointer.dismiss() || hadChosen;
      },
      goToPeak,
      focus: () => tokens.current?.focus(),
    };
    commands.tokensDrawn(drawn);
    return () => {
      if (commands.drawnTokens === drawn) commands.drawnTokens = null;
      commands.findings.chosen.value = null;
      pointer.dismiss();
      clearTimeout(hovering.current);
    };
  }, [detail]);

  const onKeyDown = (event: KeyboardEvent) => {
    const active = (pointer.pinned.peek() ?? pointer.focused.peek())?.index ?? -1;
    // Where the focus was away for a moment, the token that was looked at last.
    const pin = () => !plain && pointer.pin({ id, index: active >= 0 ? active : latest.current });
    const moves: Record<string, () => void> = {
      ArrowRight: () => point(active + 1),
      ArrowLeft: () => point(active - 1),
      ArrowDown: () => point(findTokenInLine(tokens.current!, active, 1)),
      ArrowUp: () => point(findTokenInLine(tokens.current!, active, -1)),
      Home: () => point(0),
      End: () => point(last),
      Enter: pin,
      ' ': pin,
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(moves, event.key)) return;
    const chooses = event.shiftKey && event.key !== 'Enter' && event.key !== ' ';
    if (chooses) extend(moves[event.key]!);
    else {
      anchor.current = null;
      moves[event.key]!();
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onHover = (event: MouseEvent) => {
    const index = indexAt(event);
    clearTimeout(hovering.current);
    if (event.buttons !== 0 || plain) return;
    hovering.current = setTimeout(() => {
      pointer.hovered.value = index === null ? null : { id, index };
    }, HOVER_DELAY);
  };
  const onClick = (event: MouseEvent) => {
    const number = (event.target as HTMLElement).closest<HTMLElement>('.finding-number')?.dataset.number;
    if (number !== undefined) {
      commands.findings.show(marks.find((mark) => mark.number === Number(number))?.finding);
      return;
    }
    const index = indexAt(event);
    // Selecting text is not a click on a token.
    if (index === null || !(getSelection()?.isCollapsed ?? true)) return;
    pointer.focused.value = { id, index };
    if (!plain) pointer.pin({ id, index });
  };

  const textStart = completionOffset(completion);
  const cuts = showBoundaries ? referenceBoundaries(detail).map((offset) => textStart + offset) : [];
  const [peakFrom, peakTo] = detail.peak ?? [-1, -1];

  const renderToken = (index: number) => {
    const token = detail.tokens[index]!;
    const gap = shadedGap(detail, token);
    const segment = segmentOf(detail, token);
    const hex = token.text === '' ? hexOf(token) : null;
    const start = textStart + offsets[index]!;
    const findings = marks.filter((mark) => mark.kind === 'finding' && mark.start < start + token.text.length && mark.end > start);
    const label = plain ? wordLabel(token.text) : tokenLabel(detail, token);
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
        aria-label={findings.length === 0 ? label : `${label}, in finding ${findings.map(({ number }) => number).join(' and ')}`}
        data-index={index}
        {...(carriesValue ? { 'data-value': formatFixed(segment ? segment.gap : gap!, 1, true) } : {})}
      >
        {showBoundaries && <Boundary side="f" />}
        {hex === null ? (
          <CutText text={token.text} marks={marks} cuts={cuts} offset={start} />
        ) : (
          <span class="chip" data-units={0}>
            {hex}
          </span>
        )}
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
    <div
      class="token-text reading"
      onMouseOver={onHover}
      onMouseLeave={() => {
        clearTimeout(hovering.current);
        pointer.hovered.value = null;
      }}
      onClick={onClick}
    >
      <PrefillText completion={completion} marks={marks} cuts={cuts.filter((cut) => cut < textStart)} />
      <span
        ref={tokens}
        class="tokens"
        role="listbox"
        aria-orientation="horizontal"
        id="token-list"
        aria-label={plain ? 'Words of the completion' : 'Tokens of the completion with their gaps'}
        aria-describedby="token-list-keys"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (!pointer.focused.peek() && (event.target as HTMLElement).matches(':focus-visible')) point(latest.current);
        }}
        onBlur={() => {
          pointer.focused.value = null;
        }}
      >
        {groupTokens(detail).map((group) => [group.from === detail.turn?.at && <TemplateTurn text={detail.turn.text} />, renderGroup(group)])}
        {detail.turn?.at === detail.tokens.length && <TemplateTurn text={detail.turn.text} />}
        {detail.end && (
          <span
            id={tokenElementId(detail.tokens.length)}
            class="token control excluded end"
            role="option"
            aria-selected={false}
            aria-label={`End of turn, ${tokenLabel(detail, detail.end)}, in no score`}
            data-index={detail.tokens.length}
            data-units={0}
          >
            <VisibleText text={detail.end.text} breaks={false} />
          </span>
        )}
      </span>
      {!detail.end && !plain && (
        <span class="cut-off" data-units={0} title="The length limit ended this completion">
          …
        </span>
      )}
    </div>
  );
}

/** Between a dialogue's question and its answer. */
function TemplateTurn({ text }: { readonly text: string }) {
  return (
    <span
      class="template-turn"
      role="presentation"
      data-units={0}
      title="The question ends here, and the answer begins: the chat template’s own tokens, in no score"
    >
      <VisibleText text={text} breaks={false} />
    </span>
  );
}

/** Around the tokens of a choice. */
function rectOf(first: number, last: number): DOMRect | null {
  const [from, to] = [first, last].map((index) => document.getElementById(tokenElementId(index)));
  if (!from || !to) return null;
  const range = document.createRange();
  range.setStartBefore(from);
  range.setEndAfter(to);
  return range.getBoundingClientRect();
}

function indexAt(event: Event): number | null {
  const element = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
  return element ? Number(element.dataset.index) : null;
}

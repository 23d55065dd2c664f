import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { CompletionDetail, CompletionSummary } from '../../src/messages/page.js';
import { searchedText } from '../state/search.js';
import { isSalient, shadeClass, shadeLevel, type GapScale } from '../text/gap-shade.js';
import { findRanges } from '../text/marks.js';
import { formatFixed } from '../text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import { usePage } from '../widgets/context.js';
import { findTokenInLine } from './token-lines.js';
import type { TokenPointer } from './token-pointer.js';
import { hexOf, isExcluded, shadedGap, tokenLabel, tokenOffsets } from './token-reading.js';

interface TokenTextProps {
  readonly completion: CompletionSummary;
  readonly detail: CompletionDetail;
  readonly scale: GapScale;
  readonly printValues: boolean;
  readonly pattern: RegExp | null;
  readonly pointer: TokenPointer;
}

/** How long the pointer rests on a token before it is looked at (milliseconds). */
const HOVER_DELAY = 90;
const PEAK_FLASH = 2500;

/** The panel that says more about the token that is pointed at. */
export const TOOLTIP_ID = 'token-tooltip';

export function tokenElementId(index: number): string {
  return `token-${index}`;
}

/** The completion, token by token: one tab stop, arrow keys within. */
export function TokenText({ completion, detail, scale, printValues, pattern, pointer }: TokenTextProps) {
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
  useLayoutEffect(() => showActive(tokens.current, pointer.pinned.peek() ?? pointer.focused.peek()));
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
  const prefillLength = completion.prefillText.length;
  const [peakFrom, peakTo] = detail.peak ?? [-1, -1];
  return (
    <div class="token-text reading" onMouseOver={onHover} onMouseLeave={() => { clearTimeout(hovering.current); pointer.hovered.value = null; }} onClick={onClick}>
      <span class="token prefill" title="Prefill: given to the model, in no score">
        <VisibleText text={completion.prefillText} ranges={ranges} />
      </span>
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
        {detail.tokens.map((token, index) => {
          const gap = shadedGap(detail, token);
          const hex = token.text === '' ? hexOf(token) : null;
          const kinds = [
            'token',
            shadeClass(shadeLevel(gap, scale)),
            isExcluded(detail, token) ? 'excluded' : '',
            token.control ? 'control' : '',
            index >= peakFrom && index < peakTo ? 'peak' : '',
          ];
          return (
            <span
              key={index}
              id={tokenElementId(index)}
              class={kinds.filter(Boolean).join(' ')}
              role="option"
              aria-selected={false}
              aria-label={tokenLabel(detail, token)}
              data-index={index}
              {...(printValues && isSalient(gap, scale) ? { 'data-value': formatFixed(gap!, 1, true) } : {})}
            >
              {hex === null ? <VisibleText text={token.text} ranges={ranges} offset={prefillLength + offsets[index]!} /> : <span class="chip">{hex}</span>}
            </span>
          );
        })}
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

/** Focus stays on the list of tokens; which of them is meant is said by reference. */
function showActive(tokens: HTMLElement | null, at: { readonly index: number } | null): void {
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

import { useLayoutEffect, useRef } from 'preact/hooks';
import type { CompletionDetail, SegmentDetail, TokenDetail } from '../../src/messages/page.js';
import { formatFactor, formatGap, formatProbability } from '../text/numbers.js';
import { countOf, formatFixed } from '../../src/text/numbers.js';
import { VisibleText } from '../text/visible-text-view.js';
import { Icon } from '../widgets/icon.js';
import { AlternativesTable } from './alternatives.js';
import type { TokenPointer } from './token-pointer.js';
import { SegmentStrip } from './segment-strip.js';
import { TOOLTIP_ID, tokenElementId } from './token-elements.js';
import { hexOf, segmentOf } from './token-reading.js';

interface TokenTooltipProps {
  readonly detail: CompletionDetail;
  readonly pointer: TokenPointer;
}

/** What both models thought of the token that is pointed at. */
export function TokenTooltip({ detail, pointer }: TokenTooltipProps) {
  const panel = useRef<HTMLDivElement>(null);
  const at = pointer.pointed.value;
  const token = at && at.id === detail.id ? (detail.tokens[at.index] ?? (at.index === detail.tokens.length ? detail.end : null)) : null;
  const alternatives = at ? pointer.alternativesAt(at) : null;
  const pinned = pointer.pinned.value !== null;

  useLayoutEffect(() => {
    const place = () => {
      const owner = at && document.getElementById(tokenElementId(at.index));
      if (panel.current && owner) placeNear(panel.current, owner);
    };
    place();
    document.addEventListener('scroll', place, { capture: true, passive: true });
    window.addEventListener('resize', place);
    return () => {
      document.removeEventListener('scroll', place, { capture: true });
      window.removeEventListener('resize', place);
    };
  }, [at?.id, at?.index, token, alternatives?.state, pinned]);

  if (!at || !token) return null;
  const isEnd = at.index === detail.tokens.length;
  const segment = segmentOf(detail, token);
  return (
    <div
      ref={panel}
      id={TOOLTIP_ID}
      class={`token-tooltip ${pinned ? 'pinned' : ''} ${segment ? 'of-segment' : ''}`}
      role={pinned ? 'dialog' : 'tooltip'}
      aria-label={segment ? 'Segment' : 'Token'}
    >
      <div class="tooltip-head">
        <span class="tooltip-token">{segment ? <VisibleText text={segment.text} breaks={false} spaces /> : <TokenName token={token} />}</span>
        {segment && <SegmentSize segment={segment} />}
        {pinned && (
          <button class="icon-button" title="Close (Escape)" aria-label="Close" onClick={() => pointer.dismiss()}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {segment ? (
        <SegmentNumbers detail={detail} segment={segment} index={token.segment!} pointed={at.index} pinned={pinned} />
      ) : (
        <TokenNumbers token={token} />
      )}
      {(isEnd || segment?.straddlesPrefill) && (
        <p class="in-no-score">
          <Icon name="circle-slash" /> In no score:{' '}
          {isEnd ? 'it ends the turn and is not part of the text.' : 'the reference’s token begins inside the prefill.'}
        </p>
      )}
      {alternatives ? (
        <div aria-live="polite">
          <AlternativesTable state={alternatives} taken={token.text} onRetry={() => void pointer.askAlternatives(at)} />
        </div>
      ) : (
        <p class="tooltip-hint">
          {pinned ? (
            <button class="link-button" onClick={() => void pointer.askAlternatives(at)}>
              What else could have come here? <kbd>A</kbd>
            </button>
          ) : (
            <>
              <kbd>A</kbd> alternatives · click to pin
            </>
          )}
        </p>
      )}
    </div>
  );
}

function TokenName({ token }: { token: TokenDetail }) {
  const hex = hexOf(token);
  if (token.text === '') return <span class="chip">{hex ?? 'no bytes'}</span>;
  return (
    <>
      <VisibleText text={token.text} breaks={false} spaces />
      {hex && <span class="dim"> {hex}</span>}
    </>
  );
}

function TokenNumbers({ token }: { token: TokenDetail }) {
  return (
    <>
      <table class="tooltip-numbers">
        <tbody>
          <LogprobRow name="Finetuned" logprob={token.logprobFinetuned} />
          <LogprobRow name="Reference" logprob={token.logprobReference} />
        </tbody>
      </table>
      <GapLine gap={token.gap} />
      {token.divergence && (
        <p class="tooltip-divergence dim">
          Distributions: KL(F‖R) {formatFixed(token.divergence.forward, 3)}, KL(R‖F) {formatFixed(token.divergence.backward, 3)} nats
        </p>
      )}
    </>
  );
}

function SegmentSize({ segment: { tokensFinetuned, referencePieces } }: { segment: SegmentDetail }) {
  return (
    <span class="segment-size dim">
      segment of {countOf(tokensFinetuned, 'token')} of F, {referencePieces.length} of R
    </span>
  );
}

interface SegmentNumbersProps {
  readonly detail: CompletionDetail;
  readonly segment: SegmentDetail;
  readonly index: number;
  readonly pointed: number;
  readonly pinned: boolean;
}

function SegmentNumbers({ detail, segment, index, pointed, pinned }: SegmentNumbersProps) {
  return (
    <>
      <SegmentStrip detail={detail} index={index} pointed={pointed} pinned={pinned} />
      <table class="tooltip-numbers">
        <caption class="visually-hidden">Sums over the segment</caption>
        <tbody>
          <LogprobRow name="Finetuned, in all" logprob={segment.logprobFinetuned} />
          <LogprobRow name="Reference, in all" logprob={segment.logprobReference} />
        </tbody>
      </table>
      <GapLine gap={segment.gap} tokens={segment.tokensFinetuned} />
    </>
  );
}

function LogprobRow({ name, logprob }: { name: string; logprob: number | null }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {logprob === null ? (
        <td colSpan={2} class="dim">
          not available
        </td>
      ) : (
        <>
          <td>{formatProbability(logprob)}</td>
          <td class="dim">{formatFixed(logprob, 3)} nats</td>
        </>
      )}
    </tr>
  );
}

function GapLine({ gap, tokens = 1 }: { gap: number | null; tokens?: number }) {
  if (gap === null) return null;
  const side = gap > 0 ? 'likes-f' : gap < 0 ? 'likes-r' : '';
  return (
    <p class={`tooltip-gap ${side}`}>
      <strong>{formatGap(gap)} nats</strong> <span>{inWords(gap)}</span>
      {tokens > 1 && <span class="dim">{formatGap(gap / tokens)} per token of F</span>}
    </p>
  );
}

function inWords(gap: number): string {
  const times = Math.exp(Math.abs(gap));
  if (times < 1.05) return 'equally likely for both';
  return `${formatFactor(times)}× likelier for ${gap > 0 ? 'F' : 'R'}`;
}

/** Under the first line of the token, or above where there is no room. */
function placeNear(panel: HTMLElement, owner: HTMLElement): void {
  const token = owner.getClientRects()[0];
  if (!token) return;
  const { width, height } = panel.getBoundingClientRect();
  const left = Math.max(8, Math.min(token.left - 8, window.innerWidth - width - 8));
  const below = token.bottom + 6;
  const fits = below + height <= window.innerHeight - 8;
  const top = fits ? below : Math.max(8, token.top - height - 6);
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
}

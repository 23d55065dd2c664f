/** A scored text as a row of cells, each of which is shaded and explained as one. */
import type { GapScale } from '../../text/gap-shade.js';
import type { CompletionDetail, SegmentDetail, TokenDetail } from '../../messages/page.js';

/** Below this, in nats, a gap is not shaded: as on the page until the reader says otherwise. */
export const SHADE_THRESHOLD = 0.3;

/** `[start, end)` in UTF-16 units of the completion's text. */
export interface GapCell {
  readonly start: number;
  readonly end: number;
  /** Nats per token, what the cell is shaded by; `null` where there is none. */
  readonly gap: number | null;
  /** KL(F‖R), nats per token, the other thing that a cell can be shaded by; `null` where it was not measured. */
  readonly divergence: number | null;
  /** Usually one; more where tokens end inside a character, which the last of them completes. */
  readonly tokens: readonly TokenDetail[];
  /** Across tokenizers: what carries the gap. */
  readonly segment: SegmentDetail | null;
}

export function makeCells({ tokens, segments }: Pick<CompletionDetail, 'tokens' | 'segments'>): GapCell[] {
  const cells: GapCell[] = [];
  let start = 0;
  let waiting: TokenDetail[] = [];
  for (const token of tokens) {
    waiting.push(token);
    if (token.text === '') continue;
    const segment = token.segment === undefined ? null : (segments?.[token.segment] ?? null);
    cells.push({ start, end: start + token.text.length, gap: gapOf(waiting, segment), divergence: divergenceOf(waiting), tokens: waiting, segment });
    start += token.text.length;
    waiting = [];
  }
  return cells;
}

/** A segment's gap is spread evenly over its tokens; one that straddles the prefill's end is in no score and has no shade. */
function gapOf(tokens: readonly TokenDetail[], segment: SegmentDetail | null): number | null {
  if (segment) return segment.straddlesPrefill ? null : segment.gap / Math.max(1, segment.tokensFinetuned);
  const gaps = tokens.flatMap(({ gap }) => (gap === null ? [] : [gap]));
  return gaps.length < tokens.length ? null : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
}

function divergenceOf(tokens: readonly TokenDetail[]): number | null {
  const known = tokens.flatMap(({ divergence }) => (divergence ? [divergence.forward] : []));
  return known.length < tokens.length ? null : known.reduce((sum, nats) => sum + nats, 0) / known.length;
}

export function makeScale(max: number): GapScale {
  return { max, threshold: SHADE_THRESHOLD };
}

/** A token in words: its gap, where that comes from, and how it is read aloud. */
import type { CompletionDetail, SegmentDetail, TokenDetail } from '../../src/messages/page.js';
import { formatGap } from '../text/numbers.js';
import { countOf } from '../../src/text/numbers.js';
import { visibleLine } from '../../src/text/visible-text.js';

/** The segment that carries a token's gap, across tokenizers. */
export function segmentOf(detail: CompletionDetail, token: TokenDetail): SegmentDetail | null {
  return token.segment === undefined ? null : (detail.segments?.[token.segment] ?? null);
}

/** What the token is shaded by, in nats: its own gap, or its segment's spread evenly over the segment's tokens. */
export function shadedGap(detail: CompletionDetail, token: TokenDetail): number | null {
  const segment = segmentOf(detail, token);
  if (segment) return segment.straddlesPrefill ? null : segment.gap / Math.max(1, segment.tokensFinetuned);
  return token.gap;
}

/** Tokens of a segment that straddles the prefill's end are in no score. */
export function isExcluded(detail: CompletionDetail, token: TokenDetail): boolean {
  return segmentOf(detail, token)?.straddlesPrefill ?? false;
}

export function shadedGaps(detail: CompletionDetail): (number | null)[] {
  return detail.tokens.map((token) => shadedGap(detail, token));
}

/** What the tokens of the text stand in: their segments, one after the other; a token of no segment stands by itself. */
export interface TokenGroup {
  readonly segment: number | null;
  /** Indices `[from, to)` of tokens. */
  readonly from: number;
  readonly to: number;
}

export function groupTokens({ tokens }: CompletionDetail): TokenGroup[] {
  const groups: TokenGroup[] = [];
  for (const [index, { segment = null }] of tokens.entries()) {
    const last = groups.at(-1);
    if (last && segment !== null && last.segment === segment) groups[groups.length - 1] = { ...last, to: index + 1 };
    else groups.push({ segment, from: index, to: index + 1 });
  }
  return groups;
}

/** Where each token begins in the completion's text, in UTF-16 units. */
export function tokenOffsets(detail: CompletionDetail): number[] {
  let offset = 0;
  return detail.tokens.map(({ text }) => {
    const start = offset;
    offset += text.length;
    return start;
  });
}

/** Bytes that are no text by themselves, in pairs of digits. */
export function hexOf(token: TokenDetail): string | null {
  return token.bytesHex === undefined ? null : spacedHex(token.bytesHex);
}

export function spacedHex(hex: string): string {
  return (hex.match(/../g) ?? []).join(' ').toUpperCase();
}

/** For a screen reader: the text alone. */
export function wordLabel(text: string): string {
  return text.trim() === '' ? 'blank' : visibleLine(text.trim());
}

/** For a screen reader: the text, then sign and number. */
export function tokenLabel(detail: CompletionDetail, token: TokenDetail): string {
  const text = token.text === '' ? `bytes ${hexOf(token) ?? 'none'}` : wordLabel(token.text);
  const segment = segmentOf(detail, token);
  const what = segment ? `${text}, segment of ${countOf(segment.tokensFinetuned, 'token')}` : text;
  if (isExcluded(detail, token)) return `${what}, in no score`;
  const gap = shadedGap(detail, token);
  if (gap === null) return `${what}, no gap`;
  return `${what}, gap ${formatGap(gap).replace('−', 'minus ').replace('+', 'plus ')} nats${segment ? ' per token' : ''}`;
}

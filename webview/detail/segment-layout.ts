/** Layout of both models' tokens of a segment over the same text, one above the other. */
import type { Piece } from '../../src/audit/language-model.js';
import { textsOfTokens } from '../../src/text/utf8.js';
import type { CompletionDetail, SegmentDetail } from '../../src/messages/page.js';

/** One token in a row of boxes. */
export interface TokenBox {
  readonly text: string;
  /** Where the token's bytes are not what `text` says. */
  readonly hex: string | null;
  /** Nats; `null` where the host did not say. */
  readonly logprob: number | null;
  /** Columns `[from, to)`; a column is a stretch of bytes that no token of either model cuts. */
  readonly from: number;
  readonly to: number;
  /** The text column by column; a character is in the column that completes it. `null` where the bytes are no text. */
  readonly parts: readonly string[] | null;
  /** Index among the completion's tokens, of F's. */
  readonly index?: number;
}

export interface SegmentLayout {
  readonly columns: number;
  /** Columns at the start that lie in the prefill. */
  readonly prefillColumns: number;
  readonly finetuned: readonly TokenBox[];
  readonly reference: readonly TokenBox[];
}

interface Token {
  readonly text: string;
  readonly hex: string | null;
  readonly logprob: number | null;
  readonly bytes: Uint8Array;
  readonly index?: number;
}

/** More tokens without bytes than this do not stand at one place. */
const MOST_EMPTY = 1024;

/**
 * Lays out the segment's tokens. Bytes count from where the segment begins in the completion; those of the prefill, which
 * only the reference's first token can have, are negative. A token without bytes has a column of its own.
 * @param index of the segment in the completion
 */
export function layOutSegment(detail: CompletionDetail, index: number): SegmentLayout {
  const segment = detail.segments![index]!;
  const finetuned = finetunedTokens(detail, index);
  const reference = referenceTokens(segment);
  const straddle = segment.straddleBytes ?? 0;
  const empty = new Map([...countEmpty(finetuned, 0)]);
  for (const [offset, count] of countEmpty(reference, -straddle)) empty.set(offset, Math.max(count, empty.get(offset) ?? 0));
  const spans = { finetuned: spansOf(finetuned, 0, empty), reference: spansOf(reference, -straddle, empty) };
  const edges = [...new Set([...spans.finetuned, ...spans.reference].flatMap(({ from, to }) => [from, to]).concat(0))].sort((a, b) => a - b);
  const columnOf = new Map(edges.map((edge, column) => [edge, column]));
  const box = (token: Token, { from, to }: Span): TokenBox => {
    const { bytes: _bytes, ...shown } = token;
    return {
      ...shown,
      from: columnOf.get(from)!,
      to: columnOf.get(to)!,
      parts:
        token.hex === null
          ? cutText(
              token.bytes,
              from,
              edges.filter((edge) => edge > from && edge <= to),
            )
          : null,
    };
  };
  return {
    columns: edges.length - 1,
    prefillColumns: columnOf.get(0)!,
    finetuned: finetuned.map((token, i) => box(token, spans.finetuned[i]!)),
    reference: reference.map((token, i) => box(token, spans.reference[i]!)),
  };
}

/**
 * Where tokens of the reference begin within the completion's text, in UTF-16 units and in order; below 0 where the first
 * one begins in the prefill. Empty where the reference has scored nothing.
 */
export function referenceBoundaries(detail: CompletionDetail): number[] {
  const boundaries = new Set<number>();
  let offset = 0;
  if (detail.segments === null) {
    for (const { text, logprobReference } of detail.tokens) {
      if (logprobReference !== null) boundaries.add(offset);
      offset += text.length;
    }
    return [...boundaries];
  }
  let last: number | undefined;
  for (const { text, segment } of detail.tokens) {
    const own = segment === undefined || segment === last ? undefined : detail.segments[segment];
    last = segment;
    let at = offset - (own ? straddleText(own).length : 0);
    for (const piece of own?.referencePieces ?? []) {
      boundaries.add(at);
      at += piece.length;
    }
    offset += text.length;
  }
  return [...boundaries];
}

/** What the reference's first token has of the prefill. */
export function straddleText(segment: SegmentDetail): string {
  const [first] = referenceTokens(segment);
  if (!first || !segment.straddleBytes) return '';
  const inPrefill: Piece = { id: 0, bytes: first.bytes.subarray(0, segment.straddleBytes), control: false };
  return textsOfTokens([inPrefill])[0]!;
}

function finetunedTokens(detail: CompletionDetail, segment: number): Token[] {
  return detail.tokens.flatMap((token, index) => {
    if (token.segment !== segment) return [];
    const hex = token.bytesHex ?? null;
    return [{ text: token.text, hex, logprob: token.logprobFinetuned, bytes: bytesOf(token.text, hex), index }];
  });
}

function referenceTokens({ referencePieces, referenceLogprobs, referenceHex }: SegmentDetail): Token[] {
  return referencePieces.map((text, i) => {
    const hex = referenceHex?.[i] ?? null;
    return { text, hex, logprob: referenceLogprobs?.[i] ?? null, bytes: bytesOf(text, hex) };
  });
}

function bytesOf(text: string, hex: string | null): Uint8Array {
  return hex === null ? new TextEncoder().encode(text) : Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** Edges are numbers that sort as the places do: bytes, and within a byte's place the tokens without bytes. */
interface Span {
  readonly from: number;
  readonly to: number;
}

function edgeAt(offset: number, after = 0): number {
  return offset * MOST_EMPTY + after;
}

function countEmpty(tokens: readonly Token[], start: number): Map<number, number> {
  const counts = new Map<number, number>();
  let offset = start;
  for (const { bytes } of tokens) {
    if (bytes.length === 0) counts.set(offset, (counts.get(offset) ?? 0) + 1);
    offset += bytes.length;
  }
  return counts;
}

function spansOf(tokens: readonly Token[], start: number, empty: ReadonlyMap<number, number>): Span[] {
  let offset = start;
  let emptyHere = 0;
  return tokens.map(({ bytes }) => {
    if (bytes.length === 0) return { from: edgeAt(offset, emptyHere), to: edgeAt(offset, ++emptyHere) };
    const from = edgeAt(offset, empty.get(offset) ?? 0);
    offset += bytes.length;
    emptyHere = 0;
    return { from, to: edgeAt(offset) };
  });
}

/** A token's text cut at edges within it, of which the last is its end. */
function cutText(bytes: Uint8Array, from: number, edges: readonly number[]): string[] {
  const start = Math.floor(from / MOST_EMPTY);
  const cuts = edges.map((edge) => Math.floor(edge / MOST_EMPTY) - start);
  return textsOfTokens(cuts.map((cut, i) => ({ id: 0, bytes: bytes.subarray(cuts[i - 1] ?? 0, cut), control: false })));
}

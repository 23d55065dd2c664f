/**
 * Across tokenizers the reference is given F's completion as text. This says what of it is text, and which of the reference's own
 * tokens cover it. Places are bytes of the completion's text, which control tokens have no part in; those of the prefill are negative.
 */
import type { OwnTokens, Piece } from './language-model.js';
import { decodeUtf8, validUtf8Prefix } from '../text/utf8.js';

/** A run of whole characters that nothing cuts: no control token, no byte that is of no character. */
export interface Stretch {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export interface ReferenceText {
  /** In order; the first of them may begin in the prefill, or lie in it. */
  readonly stretches: readonly Stretch[];
  /** Where control tokens stand. */
  readonly controls: ReadonlySet<number>;
}

/**
 * What the reference can be given of prefill and completion, which it tokenises jointly. `null` where no character of the completion is
 * among it. (A prefill that ends in half a character is text if the completion brings the other half.)
 */
export function textForReference(prefill: readonly Piece[], completion: readonly Piece[]): ReferenceText | null {
  const controls = new Set<number>();
  const stretches: Stretch[] = [];
  let position = -prefill.reduce((length, piece) => length + (piece.control ? 0 : piece.bytes.length), 0);
  let run: number[] = [];
  const endRun = (): void => {
    stretches.push(...validStretches(Uint8Array.from(run), position - run.length));
    run = [];
  };
  for (const piece of [...prefill, ...completion]) {
    if (piece.control) {
      endRun();
      controls.add(position);
    } else {
      run.push(...piece.bytes);
      position += piece.bytes.length;
    }
  }
  endRun();
  return stretches.some(({ start, bytes }) => start + bytes.length > 0) ? { stretches, controls } : null;
}

function validStretches(bytes: Uint8Array, start: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = 0; from < bytes.length;) {
    const length = validUtf8Prefix(bytes.subarray(from));
    if (length > 0) stretches.push({ start: start + from, bytes: bytes.subarray(from, from + length) });
    from += length + 1;
  }
  return stretches;
}

/** A token of the reference and where it stands. */
export interface PlacedToken {
  readonly piece: Piece;
  readonly start: number;
}

export interface PlacedStretch {
  readonly tokens: readonly PlacedToken[];
  /** What is left behind a character that the reference has no token for; it can be tokenised by itself. */
  readonly rest: Stretch | null;
}

/**
 * Places the reference's tokens of a stretch as far as they give it back byte by byte: an unknown-character token, or a normalising
 * tokenizer, ends them before the character that it stands for.
 */
export function placeTokens({ start, bytes }: Stretch, pieces: readonly Piece[]): PlacedStretch {
  const tokens: PlacedToken[] = [];
  let offset = 0;
  for (const piece of pieces) {
    if (piece.control || offset + piece.bytes.length > bytes.length || !piece.bytes.every((byte, k) => byte === bytes[offset + k])) break;
    tokens.push({ piece, start: start + offset });
    offset += piece.bytes.length;
  }
  if (offset === bytes.length) return { tokens, rest: null };
  // Tokens that end inside a character belong to the one that is not given back.
  while (tokens.length > 0 && isContinuation(bytes[offset])) offset = tokens.pop()!.start - start;
  let behind = offset + 1;
  while (isContinuation(bytes[behind])) behind++;
  const rest = behind < bytes.length ? { start: start + behind, bytes: bytes.subarray(behind) } : null;
  return { tokens, rest };
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

/** The reference's tokens of a joint text, cut where the completion begins. */
export interface ReferenceTokens extends Omit<OwnTokens, 'logprobs'> {
  /** Ids of the tokens that lie wholly in the prefill. */
  readonly prefillTokens: readonly number[];
}

/** From tokens in order. `null` where none reaches into the completion. */
export function cutAtCompletion(placed: readonly PlacedToken[], controls: ReadonlySet<number>): ReferenceTokens | null {
  const first = placed.findIndex(({ piece, start }) => start + piece.bytes.length > 0);
  if (first < 0) return null;
  const own = placed.slice(first);
  const cuts: [number, number][] = [];
  let position = Math.min(0, own[0]!.start);
  for (const { piece, start } of own) {
    if (start > position || (start >= 0 && start === position && controls.has(start) && cuts.at(-1)?.[1] !== start)) cuts.push([Math.max(0, position), start]);
    position = start + piece.bytes.length;
  }
  return {
    prefillTokens: placed.slice(0, first).map(({ piece }) => piece.id),
    tokens: own.map(({ piece }) => piece),
    straddleBytes: Math.max(0, -own[0]!.start),
    bytes: position,
    ...(cuts.length > 0 && { cuts }),
  };
}

/** The completion's text without what cuts it, as one, for a reference that tokenises by itself. */
export function joinStretches({ stretches }: ReferenceText): string {
  return stretches.map(({ start, bytes }) => decodeUtf8(bytes.subarray(Math.max(0, -start)))).join('');
}

/**
 * Gives the tokens of such a joined text their places in the completion. A token that reaches across a cut belongs to neither side
 * and widens it.
 */
export function splitAtCuts(text: ReferenceText, scoring: OwnTokens): OwnTokens | null {
  const stretches = text.stretches.flatMap(({ start, bytes }) =>
    start + bytes.length > 0 ? [{ start: Math.max(0, start), length: bytes.length - Math.max(0, -start) }] : [],
  );
  if (stretches.length === 1 && stretches[0]!.start === 0 && !text.controls.has(0)) return scoring;
  let joined = -scoring.straddleBytes;
  const kept: (PlacedToken & { readonly logprob: number })[] = [];
  for (const [index, piece] of scoring.tokens.entries()) {
    const end = joined + piece.bytes.length;
    const start = placeInStretches(stretches, joined, end);
    if (start !== null) kept.push({ piece, start, logprob: scoring.logprobs[index]! });
    joined = end;
  }
  const cut = cutAtCompletion(kept, text.controls);
  if (cut === null) return null;
  const { prefillTokens, ...own } = cut;
  return { ...own, logprobs: kept.slice(prefillTokens.length).map(({ logprob }) => logprob) };
}

function placeInStretches(stretches: readonly { readonly start: number; readonly length: number }[], from: number, to: number): number | null {
  let joined = 0;
  for (const { start, length } of stretches) {
    const isFirst = joined === 0 && start === 0;
    if ((from >= joined || (isFirst && from < 0)) && to <= joined + length) return start + from - joined;
    joined += length;
  }
  return null;
}

/** Where tokens reach to, and the cuts before that. */
export function reachOf({ tokens, straddleBytes, cuts = [] }: Pick<OwnTokens, 'tokens' | 'straddleBytes' | 'cuts'>): Pick<OwnTokens, 'bytes' | 'cuts'> {
  let position = -straddleBytes;
  const passed: (readonly [number, number])[] = [];
  for (const piece of tokens) {
    const cut = cuts[passed.length];
    if (cut !== undefined && position === cut[0]) {
      passed.push(cut);
      position = cut[1];
    }
    position += piece.bytes.length;
  }
  return { bytes: position, ...(passed.length > 0 && { cuts: passed }) };
}

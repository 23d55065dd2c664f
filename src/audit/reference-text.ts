/**
 * Across tokenizers the reference is given F's completion as text. This says how much of it is text, and which of the
 * reference's own tokens cover it.
 */
import type { Piece } from './language-model.js';
import { bytesOfTokens, decodeUtf8, validUtf8Prefix } from './utf8.js';

/** Prefill and completion as one text, as the reference tokenises them jointly. */
export interface ReferenceText {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Bytes of it that are the prefill. */
  readonly prefillBytes: number;
}

/**
 * What the reference can be given: whole characters only, up to the first control token. `null` where that is nothing of
 * the completion: it begins with a control token or with bytes that are no character, or the prefill itself is not text.
 * (A prefill that ends in half a character is text if the completion brings the other half.)
 */
export function textForReference(prefill: readonly Piece[], completion: readonly Piece[]): ReferenceText | null {
  if (prefill.some((piece) => piece.control)) return null;
  const control = completion.findIndex((piece) => piece.control);
  const joint = bytesOfTokens([...prefill, ...(control < 0 ? completion : completion.slice(0, control))]);
  const prefillBytes = bytesOfTokens(prefill).length;
  const bytes = joint.subarray(0, validUtf8Prefix(joint));
  return bytes.length > prefillBytes ? { text: decodeUtf8(bytes), bytes, prefillBytes } : null;
}

/** The reference's tokens of a joint text, cut where the completion begins. */
export interface ReferenceTokens {
  /** Ids of the tokens that lie wholly in the prefill. */
  readonly prefillTokens: readonly number[];
  /** From the first that reaches into the completion. */
  readonly tokens: readonly Piece[];
  /** Bytes of the first of them that belong to the prefill. */
  readonly straddleBytes: number;
  /** Bytes of the completion that the tokens cover. */
  readonly bytes: number;
}

/**
 * Cuts the reference's joint tokenisation where the completion begins. Tokens count as far as they give the text back
 * byte by byte: an unknown-character token, or a normalising tokenizer, ends what the reference is given. `null` where no
 * token reaches into the completion.
 */
export function cutAtCompletion(text: ReferenceText, pieces: readonly Piece[]): ReferenceTokens | null {
  let position = -text.prefillBytes;
  let first = -1;
  let straddleBytes = 0;
  let end = 0;
  for (; end < pieces.length; end++) {
    const piece = pieces[end]!;
    if (piece.control || !matches(text, position, piece.bytes)) break;
    if (first < 0 && position + piece.bytes.length > 0) {
      first = end;
      straddleBytes = Math.max(0, -position);
    }
    position += piece.bytes.length;
  }
  if (first < 0) return null;
  return {
    prefillTokens: pieces.slice(0, first).map((piece) => piece.id),
    tokens: pieces.slice(first, end),
    straddleBytes,
    bytes: position,
  };
}

/** @param position where the bytes should stand, counted from the completion's beginning */
function matches(text: ReferenceText, position: number, bytes: Uint8Array): boolean {
  const offset = text.prefillBytes + position;
  return offset + bytes.length <= text.bytes.length && bytes.every((byte, k) => byte === text.bytes[offset + k]);
}

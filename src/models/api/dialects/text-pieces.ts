/**
 * Tokens of a model that tells no token ids. Journals and prompts name tokens by id, so the bytes themselves become one: a
 * piece of at most 6 bytes has the id (its bytes as a big-endian integer) · 8 + its length, which gives the bytes back; a
 * longer one, which occurs in completions only and is journalled with its bytes, has a hash of them · 8 + 7. Ids stay
 * below 2^51 and are exact as numbers. The last three bits of a control token's id are 0.
 */
import { createHash } from 'node:crypto';
import { AuditError } from '../../../audit/errors.js';
import type { Piece } from '../../../audit/language-model.js';

const MOST_BYTES = 6;
const HASHED = 7;
const CONTROL = 0;

const utf8 = new TextEncoder();

export function makeTextPiece(bytes: Uint8Array, control = false): Piece {
  return { id: idOf(bytes, control), bytes, control };
}

function idOf(bytes: Uint8Array, control: boolean): number {
  if (control || bytes.length === 0) return hash48(bytes) * 8 + CONTROL;
  if (bytes.length > MOST_BYTES) return hash48(bytes) * 8 + HASHED;
  return bytes.reduce((value, byte) => value * 256 + byte, 0) * 8 + bytes.length;
}

function hash48(bytes: Uint8Array): number {
  return createHash('sha256').update(bytes).digest().readUIntBE(0, 6);
}

/**
 * The piece that an id was made of.
 * @throws AuditError `badPrefillFile` for ids that give no bytes back, such as another model's token ids
 */
export function readTextPiece(id: number): Piece {
  const length = id % 8;
  const value = Math.floor(id / 8);
  if (!Number.isSafeInteger(id) || id < 0 || length < 1 || length > MOST_BYTES || value >= 256 ** length) {
    throw new AuditError('badPrefillFile', `${id} is no piece of text. This model's server returns no token ids: give the openings as text, one per line.`);
  }
  const bytes = Uint8Array.from({ length }, (_, k) => Math.floor(value / 256 ** (length - 1 - k)) % 256);
  return { id, bytes, control: false };
}

/**
 * Cuts a text into pieces about as long as tokens: words with the blank before them, runs of digits, of signs and of white
 * space, none longer than 6 bytes, no character cut in two. Joined they are the text.
 */
export function cutIntoPieces(text: string): Piece[] {
  const words = text.match(/ ?\p{L}[\p{L}\p{M}'’]*| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?=\s\S)|\s+/gu) ?? [];
  return words.flatMap(cutWord).map((part) => makeTextPiece(utf8.encode(part)));
}

/** Parts of about equal length, as many as the longest piece makes necessary. */
function cutWord(word: string): string[] {
  const total = utf8.encode(word).length;
  const target = Math.ceil(total / Math.ceil(total / MOST_BYTES));
  const parts: string[] = [];
  let part = '';
  let length = 0;
  for (const character of word) {
    const size = utf8.encode(character).length;
    if (length > 0 && (length >= target || length + size > MOST_BYTES)) {
      parts.push(part);
      part = '';
      length = 0;
    }
    part += character;
    length += size;
  }
  return part === '' ? parts : [...parts, part];
}

/**
 * Tokens as texts, in the ways that servers are met with. A token that ends inside a character has no text of its own,
 * and every server does something else about it.
 */
import type { Piece } from '../../src/audit/language-model.js';

/**
 * `inContext`: a half character is an empty text, and whoever completes it has the whole (vLLM since 2025).
 * `replaced`: each token decoded alone, half characters as U+FFFD (older vLLM, Ollama).
 * `escaped`: bytes that are no UTF-8 as `\xe2` (OpenAI's chat, DeepSeek).
 * `bytesPrefix`: the same with `bytes:` before it (OpenAI's legacy completions).
 */
export type Spelling = 'inContext' | 'replaced' | 'escaped' | 'bytesPrefix';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Spells tokens one after another. */
export class Speller {
  /** Bytes of a character that is not complete yet. */
  private pending: Uint8Array = new Uint8Array();

  constructor(private readonly spelling: Spelling) {}

  /** The text of the next token. */
  next(piece: Piece): string {
    const { text, rest } = this.spell(piece);
    this.pending = rest;
    return text;
  }

  /** The text that another token would have had in the next one's place. */
  instead(piece: Piece): string {
    return this.spell(piece).text;
  }

  private spell({ bytes, control }: Piece): { text: string; rest: Uint8Array } {
    const none = new Uint8Array();
    if (control) return { text: utf8.decode(bytes), rest: none };
    switch (this.spelling) {
      case 'inContext': {
        const all = Buffer.concat([this.pending, bytes]);
        const whole = all.length - unfinishedBytes(all);
        return { text: utf8.decode(all.subarray(0, whole)), rest: all.subarray(whole) };
      }
      case 'replaced':
        return { text: utf8.decode(bytes), rest: none };
      case 'escaped':
        return { text: escapeInvalid(bytes), rest: none };
      case 'bytesPrefix':
        return { text: isUtf8(bytes) ? utf8.decode(bytes) : `bytes:${escapeInvalid(bytes)}`, rest: none };
    }
  }
}

/** The text of some tokens. */
export function textOf(pieces: readonly Piece[], options: { readonly controls: boolean; readonly keepUnfinished: boolean }): string {
  const bytes = Buffer.concat(pieces.filter(({ control }) => options.controls || !control).map((piece) => piece.bytes));
  return utf8.decode(options.keepUnfinished ? bytes : bytes.subarray(0, bytes.length - unfinishedBytes(bytes)));
}

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Characters as Python counts them. */
export function countCharacters(text: string): number {
  return [...text].length;
}

/** Bytes at the end that begin a character without finishing it. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0x80 && byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

function escapeInvalid(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((count) => at + count <= bytes.length && isUtf8(bytes.subarray(at, at + count)));
    text += length === undefined ? `\\x${bytes[at]!.toString(16).padStart(2, '0')}` : utf8.decode(bytes.subarray(at, at + length));
    at += length ?? 1;
  }
  return text;
}

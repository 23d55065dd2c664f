/**
 * Bytes as text. Tokens of byte-level vocabularies may end inside a character, so text is decoded across tokens: a
 * character belongs to the token that completes it. Decoding follows the WHATWG Encoding Standard (one U+FFFD for each
 * maximal part of an invalid sequence) and keeps a byte order mark, so that no byte is lost without a trace.
 */

/** A token as far as its text goes. */
export interface TokenBytes {
  /** Those of its name where it is a control token. */
  readonly bytes: Uint8Array;
  readonly control: boolean;
}

const REPLACEMENT = '\uFFFD';

/** Continuation bytes that a lead byte asks for; −1 where no character starts with it (Unicode, table 3-7). */
function continuationsAfter(lead: number): number {
  if (lead < 0x80) return 0;
  if (lead < 0xc2) return -1;
  if (lead < 0xe0) return 1;
  if (lead < 0xf0) return 2;
  return lead < 0xf5 ? 3 : -1;
}

/** Whether the byte may be the first continuation after this lead: no overlong forms, no surrogates, no more than U+10FFFF. */
function mayFollow(lead: number, byte: number): boolean {
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= lowest && byte <= highest;
}

/** Decodes a text that arrives in parts; `push` gives what the part completes. */
class StreamingDecoder {
  #lead = 0;
  #missing = 0;
  #codePoint = 0;
  #first = false;

  push(bytes: Uint8Array): string {
    let text = '';
    for (const byte of bytes) {
      if (this.#missing > 0) {
        if (this.#first ? mayFollow(this.#lead, byte) : byte >= 0x80 && byte <= 0xbf) {
          this.#first = false;
          this.#codePoint = (this.#codePoint << 6) | (byte & 0x3f);
          if (--this.#missing === 0) text += String.fromCodePoint(this.#codePoint);
          continue;
        }
        text += REPLACEMENT;
        this.#missing = 0;
      }
      const missing = continuationsAfter(byte);
      if (missing === 0) text += String.fromCharCode(byte);
      else if (missing < 0) text += REPLACEMENT;
      else {
        this.#lead = byte;
        this.#missing = missing;
        this.#first = true;
        this.#codePoint = byte & (0x3f >> missing);
      }
    }
    return text;
  }

  /** What an unfinished character at the end comes to. */
  flush(): string {
    if (this.#missing === 0) return '';
    this.#missing = 0;
    return REPLACEMENT;
  }
}

/** The text of some bytes; invalid ones become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  const decoder = new StreamingDecoder();
  return decoder.push(bytes) + decoder.flush();
}

/**
 * One text per token: the characters that the token completes, so that the texts joined are the text of all tokens. A
 * half character that is never completed becomes U+FFFD in the last token before the end, or before the control token
 * that cuts it; control tokens are themselves given by name.
 */
export function textsOfTokens(tokens: readonly TokenBytes[]): string[] {
  const ascii = asciiOf(tokens);
  if (ascii !== null) {
    let end = 0;
    return tokens.map(({ bytes }) => ascii.slice(end, (end += bytes.length)));
  }
  const decoder = new StreamingDecoder();
  const texts: string[] = [];
  let lastPlain = -1;
  for (const token of tokens) {
    if (token.control) {
      if (lastPlain >= 0) texts[lastPlain] += decoder.flush();
      texts.push(decodeUtf8(token.bytes));
    } else {
      lastPlain = texts.length;
      texts.push(decoder.push(token.bytes));
    }
  }
  if (lastPlain >= 0) texts[lastPlain] += decoder.flush();
  return texts;
}

/** The text of all tokens, control tokens by name. */
export function textOfTokens(tokens: readonly TokenBytes[]): string {
  return asciiOf(tokens) ?? textsOfTokens(tokens).join('');
}

const ASCII = new TextDecoder('utf-8');

/** The text of all tokens where it is ASCII, as most is, and none is a control token; else `null`. The platform decodes it many times faster. */
function asciiOf(tokens: readonly TokenBytes[]): string | null {
  for (const { bytes, control } of tokens) {
    if (control) return null;
    for (let k = 0; k < bytes.length; k++) if (bytes[k]! >= 0x80) return null;
  }
  return ASCII.decode(bytesOfTokens(tokens));
}

/** The bytes of the text: those of all tokens but control tokens, which have none. */
export function bytesOfTokens(tokens: readonly TokenBytes[]): Uint8Array {
  let length = 0;
  for (const token of tokens) if (!token.control) length += token.bytes.length;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const token of tokens) {
    if (token.control) continue;
    // Of a few bytes, as tokens are, a loop is faster than set().
    for (let k = 0; k < token.bytes.length; k++) bytes[offset++] = token.bytes[k]!;
  }
  return bytes;
}

/** Length in bytes of the longest prefix that is whole, valid characters. */
export function validUtf8Prefix(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.length) {
    const lead = bytes[offset]!;
    const continuations = continuationsAfter(lead);
    if (continuations < 0 || offset + continuations >= bytes.length) return offset;
    for (let k = 1; k <= continuations; k++) {
      const byte = bytes[offset + k]!;
      if (k === 1 ? !mayFollow(lead, byte) : byte < 0x80 || byte > 0xbf) return offset;
    }
    offset += 1 + continuations;
  }
  return offset;
}

export function isValidUtf8(bytes: Uint8Array): boolean {
  return validUtf8Prefix(bytes) === bytes.length;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Two lower-case hexadecimal digits per byte. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += HEX[byte]!;
  return hex;
}

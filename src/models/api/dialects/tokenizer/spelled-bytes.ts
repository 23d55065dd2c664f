/** Bytes of tokens that are given as their vocabulary spells them. */

const utf8 = new TextEncoder();

/** The printable characters that stand for bytes in a byte-level vocabulary, as in GPT-2. */
const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = (() => {
  const isPrintable = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const table = new Map<string, number>();
  let others = 0;
  for (let byte = 0; byte < 256; byte++) table.set(String.fromCodePoint(isPrintable(byte) ? byte : 256 + others++), byte);
  return table;
})();

/** How a vocabulary's file writes its tokens: a `▁` for a blank and `<0x0A>` for a byte, or a printable character for each byte. */
export type Spelling = 'sentencePiece' | 'byteLevel';

export const SPELLINGS: readonly Spelling[] = ['sentencePiece', 'byteLevel'];

export interface Unspelled {
  readonly text: string | null;
  readonly bytes: Uint8Array | null;
}

/** The token that is spelled so: its bytes where the spelling gives them, else its text; `null` where it is in no such spelling. */
export function unspell(spelled: string, spelling: Spelling): Unspelled | null {
  if (spelling === 'sentencePiece') {
    const bytes = sentencePieceBytes(spelled);
    return /^<0x[0-9A-F]{2}>$/.test(spelled) ? { text: null, bytes } : { text: spelled.replaceAll('▁', ' '), bytes: null };
  }
  for (const character of spelled) if (!BYTE_OF_CHARACTER.has(character)) return null;
  return { text: null, bytes: byteLevelBytes(spelled) };
}

function byteLevelBytes(spelling: string): Uint8Array {
  return Uint8Array.from([...spelling].flatMap((character) => BYTE_OF_CHARACTER.get(character) ?? [...utf8.encode(character)]));
}

function sentencePieceBytes(spelling: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(spelling)?.[1];
  return byte === undefined ? utf8.encode(spelling.replaceAll('▁', ' ')) : Uint8Array.of(Number.parseInt(byte, 16));
}

/**
 * Which way of spelling a vocabulary has shows where its tokens joined are the text; an added blank may stand before it.
 * `null` where they are not in any.
 */
export function decodeSpellings(spellings: readonly string[], text: string): Uint8Array[] | null {
  const wanted = Buffer.from(utf8.encode(text));
  const spaced = Buffer.concat([Buffer.from(' '), wanted]);
  for (const toBytes of [byteLevelBytes, sentencePieceBytes, (spelling: string) => utf8.encode(spelling)]) {
    const bytes = spellings.map(toBytes);
    const joint = Buffer.concat(bytes);
    if (joint.equals(wanted) || joint.equals(spaced)) return bytes;
  }
  return null;
}

/** Decodes bytes of any text encoding. Bytes that are not certainly text are refused; a guessed encoding is reported. */
import { UnreadableFile } from './unreadable.js';

export interface DecodedText {
  readonly text: string;
  /** That the encoding was guessed; `null` where it is certain. */
  readonly remark: string | null;
}

const PROBE_BYTES = 8192;
/** Of the letters of a Western text no more have marks. */
const MARKED_LETTERS_AT_MOST = 0.25;
/** Of fewer letters no share says anything. */
const LETTERS_AT_LEAST = 20;
const WAY_OUT = 'Save it as UTF-8.';

/**
 * @param cut the text goes on after the bytes: they may end within a character, which is left out
 * @throws UnreadableFile where it is no text, or in an encoding that cannot be told
 */
export function decodeText(bytes: Uint8Array, cut = false): DecodedText {
  const start = [...bytes.subarray(0, 4)];
  const [a, b, c, d] = start;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    throw new UnreadableFile(`it is in UTF-32. ${WAY_OUT}`);
  if (a === 0xff && b === 0xfe) return { text: decodeWide(bytes, 'utf-16le', cut), remark: null };
  if (a === 0xfe && b === 0xff) return { text: decodeWide(bytes, 'utf-16be', cut), remark: null };
  const wide = guessWide(bytes);
  if (wide !== null)
    return {
      text: decodeWide(bytes, wide, cut),
      remark: `It was read as ${wide === 'utf-16le' ? 'UTF-16 (little-endian)' : 'UTF-16 (big-endian)'}, a guess from its bytes: it has no byte order mark.`,
    };
  if (bytes.subarray(0, PROBE_BYTES).includes(0)) throw new UnreadableFile('it is not a text file: it holds bytes that no text has. Choose a file of text.');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut }), remark: null };
  } catch {
    return {
      text: decodeWestern(bytes),
      remark: 'It is not UTF-8 and was read as Windows-1252 (Western European), a guess. If letters look wrong, save it as UTF-8.',
    };
  }
}

function decodeWide(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be', cut: boolean): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: cut });
  } catch (error) {
    throw new UnreadableFile(`it is UTF-16 text that is damaged: a character is not whole. ${WAY_OUT}`, { cause: error });
  }
}

/** By where the zero bytes are, of which every ASCII character has one. */
function guessWide(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const probe = bytes.subarray(0, PROBE_BYTES & ~1);
  const zeros = [0, 0];
  for (const [index, byte] of probe.entries()) if (byte === 0) zeros[index % 2]!++;
  const pairs = Math.floor(probe.length / 2);
  const [even = 0, odd = 0] = zeros;
  if (pairs < 2) return null;
  if (even === 0 && odd > 0.3 * pairs) return 'utf-16le';
  return odd === 0 && even > 0.3 * pairs ? 'utf-16be' : null;
}

/** Windows-1252, where nothing speaks against it. */
function decodeWestern(bytes: Uint8Array): string {
  const damaged = findDamage(bytes);
  if (damaged !== null)
    throw new UnreadableFile(
      `line ${lineOf(bytes, damaged)} has a byte that is not UTF-8, though the rest of the file is. Correct the line, and ${WAY_OUT.toLowerCase()}`,
    );
  const text = decodeWindows1252(bytes);
  if (text === null) throw makeUnknownEncoding();
  let letters = 0;
  let marked = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 0x20;
    if (code >= 0x61 && code <= 0x7a) letters++;
    else if (text.charCodeAt(i) > 0x7f && /\p{L}/u.test(text[i]!)) marked++;
  }
  // Signs within words are letters of another encoding; a few signs do stand there.
  const isOther = marked >= LETTERS_AT_LEAST && marked > MARKED_LETTERS_AT_MOST * (letters + marked);
  if (isOther || /\p{L}[^\p{L}\x00-\x7f\u2013\u2014\u2018-\u201d\u2026\u2122\u00a0\u00ad\u00ae\u00b4\u00b7]\p{L}/u.test(text)) throw makeUnknownEncoding();
  return text;
}

/** What Windows-1252 has where Latin-1 has control characters, from 0x80; five of them are none. Node's own decoder reads Latin-1. */
const SIGNS = '€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ';

function decodeWindows1252(bytes: Uint8Array): string | null {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const text = latin1.replace(/[\x80-\x9f]/g, (sign) => SIGNS[sign.charCodeAt(0) - 0x80]!);
  return text.includes('\0') ? null : text;
}

function makeUnknownEncoding(): UnreadableFile {
  return new UnreadableFile(`it is not UTF-8, and which encoding it is in cannot be told. ${WAY_OUT}`);
}

/** Offset of the first byte that is not UTF-8 in a file that otherwise is; `null` where it is another encoding altogether. */
function findDamage(bytes: Uint8Array): number | null {
  let first: number | null = null;
  let whole = 0;
  let broken = 0;
  for (let i = 0; i < bytes.length;) {
    const length = lengthOfCharacter(bytes, i);
    if (length > 1) whole++;
    else if (length === 0) {
      broken++;
      first ??= i;
    }
    i += length || 1;
  }
  return whole > 2 * broken ? first : null;
}

/** Bytes of the UTF-8 character at an offset; 0 where there is none. */
function lengthOfCharacter(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 0;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return at + length <= bytes.length ? length : 0;
}

function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) if (bytes[i] === 0x0a) line++;
  return line;
}

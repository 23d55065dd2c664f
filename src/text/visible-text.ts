/**
 * Hostile text made visible. Everything that a font would swallow, reorder or stack becomes a part of its own that the
 * page or the terminal shows by sign or code point; what is left is text that looks like what it is.
 */

/** A stretch `[start, end)` of the source in UTF-16 units, and how it is shown. */
export type VisiblePart = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'newline' }
  | { readonly kind: 'tab' }
  /** A blank that is not the space character. */
  | { readonly kind: 'blank'; readonly name: string }
  /** `count` equal characters in a row, by their sign or code point. */
  | { readonly kind: 'chip'; readonly label: string; readonly name: string; readonly count: number }
);

// Arabic signs that Unicode calls format characters though they have a shape.
const SHAPED_FORMAT = '\\u0600-\\u0605\\u06DD\\u070F\\u08E2';
const BLANKS = '\\u00A0\\u2000-\\u200A\\u202F\\u205F';
// Letters by category, empty by shape.
const EMPTY_LETTERS = '\\u034F\\u115F\\u1160\\u17B4\\u17B5\\u3164\\uFFA0\\u2800';
const VARIATIONS = '\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}\\u180B-\\u180D\\u180F';
// What emoji are composed with, in the places where they are.
const EMOJI_GLUE = '(?<=[\\p{Extended_Pictographic}\\p{EMod}]\\uFE0F?)\\u200D(?=\\p{Extended_Pictographic})|(?<=[\\p{Emoji}])[\\uFE0E\\uFE0F]';
/** Scripts pile up a few marks on a letter; more is a pile. */
const MARKS_IN_A_ROW = 6;

// eslint-disable-next-line no-restricted-syntax -- of the constants above alone
const UNUSUAL = new RegExp(
  `(?<glue>${EMOJI_GLUE})|(?<blank>[${BLANKS}])|(?<pile>\\p{M}{${MARKS_IN_A_ROW + 1},})|(?<char>(?![${SHAPED_FORMAT}])[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cn}\\p{Cs}\\p{Zl}\\p{Zp}${EMPTY_LETTERS}${VARIATIONS}])`,
  'gu',
);

const CONTROL_SIGNS = 'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(' ');

const NAMES: Readonly<Record<number, string>> = {
  0x00: 'null',
  0x07: 'bell',
  0x08: 'backspace',
  0x0b: 'vertical tab',
  0x0c: 'form feed',
  0x0d: 'carriage return',
  0x1b: 'escape',
  0x7f: 'delete',
  0xad: 'soft hyphen',
  0x61c: 'Arabic letter mark',
  0x200b: 'zero width space',
  0x200c: 'zero width non-joiner',
  0x200d: 'zero width joiner',
  0x200e: 'left-to-right mark',
  0x200f: 'right-to-left mark',
  0x2028: 'line separator',
  0x2029: 'paragraph separator',
  0x202a: 'left-to-right embedding',
  0x202b: 'right-to-left embedding',
  0x202c: 'pop directional formatting',
  0x202d: 'left-to-right override',
  0x202e: 'right-to-left override',
  0x2060: 'word joiner',
  0x2066: 'left-to-right isolate',
  0x2067: 'right-to-left isolate',
  0x2068: 'first strong isolate',
  0x2069: 'pop directional isolate',
  0xfeff: 'byte order mark',
};

/** The parts of a text, in order, covering all of it. */
export function visibleParts(text: string): VisiblePart[] {
  const parts: VisiblePart[] = [];
  let from = 0;
  for (const match of text.matchAll(UNUSUAL)) {
    if (match.groups?.glue !== undefined) continue;
    if (match.index > from) parts.push(plain(text, from, match.index));
    const end = match.index + match[0].length;
    append(parts, unusual(match, match.index, end));
    from = end;
  }
  if (from < text.length) parts.push(plain(text, from, text.length));
  return parts;
}

/** The same as one line of plain text, for labels that can hold nothing else. */
export function visibleLine(text: string): string {
  return visibleParts(text)
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'newline') return '⏎';
      if (part.kind === 'tab') return '⇥';
      if (part.kind === 'blank') return '⍽';
      return `⟦${chipText(part)}⟧`;
    })
    .join('');
}

export function chipText(chip: { readonly label: string; readonly count: number }): string {
  return chip.count > 1 ? `${chip.label} ×${chip.count}` : chip.label;
}

function plain(text: string, start: number, end: number): VisiblePart {
  return { kind: 'text', text: text.slice(start, end), start, end };
}

function unusual(match: RegExpMatchArray, start: number, end: number): VisiblePart {
  const [found] = match;
  if (found === '\n') return { kind: 'newline', start, end };
  if (found === '\t') return { kind: 'tab', start, end };
  const code = found.codePointAt(0)!;
  if (match.groups?.blank !== undefined) return { kind: 'blank', name: `${codePoint(code)}, a blank that is not a space`, start, end };
  if (match.groups?.pile !== undefined) {
    const count = [...found].length;
    return { kind: 'chip', label: `${count} combining marks`, name: 'marks piled on one letter', count: 1, start, end };
  }
  return { kind: 'chip', label: sign(code), name: nameOf(code), count: 1, start, end };
}

function append(parts: VisiblePart[], part: VisiblePart): void {
  const last = parts.at(-1);
  if (part.kind === 'chip' && last?.kind === 'chip' && last.end === part.start && last.label === part.label && last.name === part.name) {
    parts[parts.length - 1] = { ...last, end: part.end, count: last.count + part.count };
  } else {
    parts.push(part);
  }
}

/** ASCII's own abbreviation where there is one (the pictures of them are in few fonts), the code point otherwise. */
function sign(code: number): string {
  return code === 0x7f ? 'DEL' : (CONTROL_SIGNS[code] ?? codePoint(code));
}

function codePoint(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

function nameOf(code: number): string {
  const name = NAMES[code] ?? (code >= 0xd800 && code <= 0xdfff ? 'half of a character' : 'invisible character');
  return code < 0x20 || code === 0x7f ? `${codePoint(code)} ${name}` : name;
}

import { describe, expect, it } from 'vitest';
import { chipText, visibleLine, visibleParts } from '../../../src/text/visible-text.js';

const labels = (text: string) => visibleParts(text).flatMap((part) => (part.kind === 'chip' ? [chipText(part)] : []));

describe('visible text', () => {
  it('leaves ordinary text of any script as it is', () => {
    for (const text of ['plain text', 'naïve café', 'עברית', 'طبع', '日本語　全角', 'нет', 'a < b && c > d <script>']) {
      expect(visibleParts(text)).toEqual([{ kind: 'text', text, start: 0, end: text.length }]);
    }
  });

  it('shows escape sequences and control characters by name', () => {
    expect(visibleLine('\u001b[31mred\u0000\u007f')).toBe('⟦ESC⟧[31mred⟦NUL⟧⟦DEL⟧');
    expect(visibleLine('\u0085\u009b')).toBe('⟦U+0085⟧⟦U+009B⟧');
  });

  it('shows everything that reorders text', () => {
    const bidi = [0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069];
    for (const code of bidi) {
      const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      expect(labels(`a${String.fromCodePoint(code)}b`)).toEqual([name]);
    }
  });

  it('shows what has no shape', () => {
    for (const code of [
      0x00ad, 0x034f, 0x115f, 0x180e, 0x200b, 0x200c, 0x2028, 0x2029, 0x2060, 0x2800, 0x3164, 0xfe01, 0xfeff, 0xffa0, 0xe000, 0xe0041, 0xe0101, 0xfffff,
    ]) {
      expect(labels(`a${String.fromCodePoint(code)}b`), code.toString(16)).toHaveLength(1);
    }
  });

  it('shows halves of characters', () => {
    expect(labels('a\ud83d b\ude00')).toEqual(['U+D83D', 'U+DE00']);
  });

  it('keeps composed emoji whole, and shows a joiner that joins nothing', () => {
    for (const emoji of ['👩‍👩‍👧', '❤️', '🧑🏽‍💻', '1️⃣']) expect(visibleLine(emoji)).toBe(emoji);
    expect(labels('a\u200db')).toEqual(['U+200D']);
  });

  it('gives newlines, tabs and odd blanks a sign', () => {
    expect(visibleParts('a\r\n\tb\u00a0c').map(({ kind }) => kind)).toEqual(['text', 'chip', 'newline', 'tab', 'text', 'blank', 'text']);
    expect(visibleLine('a\n\tb\u00a0c')).toBe('a⏎⇥b⍽c');
  });

  it('counts equal characters in a row instead of repeating them', () => {
    expect(labels('\u0000'.repeat(5000))).toEqual(['NUL ×5000']);
    expect(labels('\u0000\u0001\u0001')).toEqual(['NUL', 'SOH ×2']);
  });

  it('replaces piles of combining marks, not the marks of real scripts', () => {
    expect(labels(`z${'\u0321'.repeat(40)}`)).toEqual(['40 combining marks']);
    expect(labels('Việt नमस्ते ą́')).toEqual([]);
  });

  it('covers the source without a hole', () => {
    const text = 'a\u202eb\n\u0000\u0000c\ud800\u00a0d';
    const parts = visibleParts(text);
    expect(parts[0]!.start).toBe(0);
    expect(parts.at(-1)!.end).toBe(text.length);
    for (const [index, part] of parts.entries()) if (index > 0) expect(part.start).toBe(parts[index - 1]!.end);
  });
});

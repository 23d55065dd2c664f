import { describe, expect, it } from 'vitest';
import { parseNote, type NotePart } from '../../../src/text/note-markdown.js';

/** In letters: b(old), i(talic), c(ode), l(ink). */
function show(parts: readonly NotePart[]): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'code') return `c(${part.text})`;
      if (part.kind === 'link') return `l(${show(part.parts)}|${part.address})`;
      return `${part.kind === 'bold' ? 'b' : 'i'}(${show(part.parts)})`;
    })
    .join('');
}

describe('a note', () => {
  it.each([
    ['plain text, 2 * 3 * 4', 'plain text, 2 * 3 * 4'],
    ['**bold** and *italic* and _too_', 'b(bold) and i(italic) and i(too)'],
    ['**bold with *italic* inside**', 'b(bold with i(italic) inside)'],
    ['`code with **stars**`', 'c(code with **stars**)'],
    ['``a ` b``', 'c(a ` b)'],
    ['[a link](https://example.org/x)', 'l(a link|https://example.org/x)'],
    ['[#12] is no link (really)', '[#12] is no link (really)'],
    ['snake_case_name stays', 'snake_case_name stays'],
    ['** not bold ** and *', '** not bold ** and *'],
    ['two\nlines **and\nbold**', 'two\nlines b(and\nbold)'],
    ['🦙_one_🦙 x_no_ 𝒳_no_ _no_x', '🦙i(one)🦙 x_no_ 𝒳_no_ _no_x'],
    ['``a` and `b`c', '``ac( and )b`c'],
    ['[a\nb](c) [d](e f) [g](h(i) [[j](k)', '[a\nb](c) [d](e f) [g](h(i) l([j|k)'],
    ['***both*** ** no** **no ** **yes**', 'b(*both)* ** no** b(no ** **yes)'],
  ])('%s', (source, shown) => expect(show(parseNote(source))).toBe(shown));

  it('has no HTML: it is text like any other', () => {
    const source = '<img src=x onerror=alert(1)> <b>no</b> <script>1</script>';
    expect(parseNote(source)).toEqual([{ kind: 'text', text: source }]);
  });

  it('loses nothing of what was written', () => {
    const plain = (parts: readonly NotePart[]): string => parts.map((part) => ('text' in part ? part.text : plain(part.parts))).join('');
    expect(plain(parseNote('a **b** _c_ `d` e'))).toBe('a b c d e');
  });

  it('of very many markers is read in no time to speak of', { timeout: 60_000 }, () => {
    for (const marker of ['**a ', '*a ', '_a ', '`a ', '[a](', '**', '*', '_ ', '`', '` ``', '[', ']', '[]', '**a**b ', ' **', '_*'])
      for (const tail of ['', ' **', ']', '](x)', `](${'x'.repeat(3000)}`]) expect(show(parseNote(marker.repeat(40_000) + tail)).length).toBeGreaterThan(0);
  });
});

/** Markdown that the editor shows: anybody's text in it is text, a note's links are told and not made. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { md, Markdown } from '../../../../src/editor/shown/markdown.js';
import { showNote } from '../../../../src/editor/shown/note.js';

describe('Markdown of our words and their text', () => {
  it('has the markup that is written down, and none of a value', () => {
    expect(md`**${'*x* [a](command:b)'}** · ${3}`.source).toBe('**\\*x\\* \\[a\\]\\(command:b\\)** · 3');
    expect(md`${'# heading'}`.source).toBe('\\# heading');
    expect(md`- ${'1. x'}\n${'- y'}`.source).toBe('- 1. x\n\\- y');
    expect(md`${md`**${'b'}**`} c`.source).toBe('**b** c');
    expect(Markdown.code('a ` b `` c').source).toBe('``` a ` b `` c ```');
  });
});

describe('a note', () => {
  it('keeps its little Markdown and loses its links', () => {
    expect(showNote('**Look** at [this](https://a.invalid/x) `code`\n# no').source).toBe('**Look** at this \\(https\\:\\//a.invalid/x\\) ` code `  \n\\# no');
  });

  it.each([
    '[x](command:a)',
    '![x](https://a.invalid/p.png)',
    '<https://a.invalid>',
    'https://a.invalid',
    'www.a.invalid',
    'me@a.invalid',
    '[x][1]\n\n[1]: command:a',
    '<a href="command:a">x</a>',
    '[a [b](command:c)](command:d)',
    '[`](command:a)`](command:b)',
  ])('makes no link of %j', (note) => expectNoLink(showNote(note).source));

  it('makes none of anything', () => {
    const parts = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      '](',
      '`',
      '``',
      '*',
      '**',
      '_',
      '!',
      '<',
      '>',
      'command:a',
      'https://a.invalid',
      '\n',
      ' ',
      'x',
      '\\',
      ':',
      'www.a.b',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (note) => expectNoLink(showNote(note.join('')).source)),
      { numRuns: 3000 },
    );
  });
});

/** No bracket that could open a link, no address that could be taken for one, but in code. */
function expectNoLink(source: string): void {
  const outside = source.replace(/(`+) (?:(?!\1(?!`)).)* \1(?!`)/gsu, '');
  expect(outside).not.toMatch(/(?<!\\)(?:\\\\)*\]\(|(?<!\\)(?:\\\\)*[<[]|(?<![\\])(?:\\\\)*:\/\/|www\.a|(?<!\\)(?:\\\\)*@/u);
}

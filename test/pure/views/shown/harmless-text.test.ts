/** VS Code finds links and icons in what it is given to show; in anybody's text it is to find none. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmlessLine, harmlessLines, LONGEST_MESSAGE } from '../../../../src/editor/shown/harmless-text.js';

/** How VS Code 1.139 finds them: `linkedText.ts`, `iconLabels.ts`. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
const ICON = /\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/g;
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
const PARTS = [
  '[',
  ']',
  '(',
  ')',
  '](',
  '$(',
  '[x](command:a?%5B%5D)',
  '[x](https://a.invalid)',
  '$(verified)',
  'command:',
  '\u202e',
  '\0',
  '\u001b',
  '\n',
  '\u200b',
  '\u2060',
  'a',
  ' ',
  '\u{1F600}',
  '\ud800',
];

const hostile = fc.array(fc.oneof(fc.constantFrom(...PARTS), fc.string())).map((parts) => parts.join(''));

describe('a text in a place of VS Code', () => {
  it('holds neither link nor icon nor anything unseen, is one line and no longer than asked', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 3, max: 400 }), (text, longest) => {
        const shown = harmlessLine(text, longest);
        expect(shown.match(LINK)).toBeNull();
        expect(shown.match(ICON)).toBeNull();
        expect(shown).not.toMatch(UNSEEN);
        expect(shown.length).toBeLessThanOrEqual(longest);
      }),
      { numRuns: 2000 },
    );
  });

  it('that is ours stays as it is', () => {
    for (const text of ['Audit a vs b has finished: 12 completions.', 'costs $5 (or so), [1] (2)', 'Größe 日本語 😀'])
      expect(harmlessLine(text, 100)).toBe(text);
  });

  it('is still to be read', () => {
    expect(harmlessLine('[Trust](command:workbench.trust.manage) $(verified)', 100)).toBe('[Trust] (command:workbench.trust.manage) $ (verified)');
    expect(harmlessLine('a\nb\u202ec', 100)).toBe('a b⟦U+202E⟧c');
    expect(harmlessLines('a\n[x](command:y)\u0007', 100)).toBe('a\n[x] (command:y)⟦BEL⟧');
  });

  it('loses its middle where it is too long: what to do stands at the end', () => {
    const shown = harmlessLine(`Audit ${'x'.repeat(1e6)} failed. Choose another model.`, LONGEST_MESSAGE);
    expect(shown).toMatch(/^Audit x+…x+ failed\. Choose another model\.$/);
  });
});

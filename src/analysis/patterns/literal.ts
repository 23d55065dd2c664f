/**
 * Texts that are looked for as they are. Nothing in such a pattern can be matched in two ways, so that JavaScript's own
 * engine takes no time to speak of; whatever else is looked for goes through {@link compilePattern}.
 */
import type { TextMatcher, TextRange } from './pattern.js';

/** Finds a text as it stands, in any letter case. */
export function compileLiteral(text: string): TextMatcher {
  if (text === '') return { test: () => false, findAll: () => [] };
  const expression = literalExpression([text]);
  return {
    test: (searched) => searched.search(expression) >= 0,
    findAll: (searched, most = Infinity) => {
      const ranges: TextRange[] = [];
      for (const { 0: found, index } of searched.matchAll(expression)) {
        if (ranges.length >= most) break;
        ranges.push([index, index + found.length]);
      }
      return ranges;
    },
  };
}

/** Matches any of the texts as it stands, in any letter case, everywhere; of those that begin at one place, the first of the list. */
export function literalExpression(texts: readonly string[]): RegExp {
  // eslint-disable-next-line no-restricted-syntax -- nothing of the texts is left to mean anything but itself
  return new RegExp(texts.map(escapePattern).join('|'), 'giu');
}

/** A pattern, with the flag `u` or without, that matches the text as it is. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

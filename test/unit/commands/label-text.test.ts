import { expect, it } from 'vitest';
import { breakIcons } from '../../../src/commands/label-text.js';

it('an icon in a text is no icon in a list, and nothing else changes', () => {
  const shown = breakIcons('a $(trash) b $(sync~spin) $x (y) \\$(z)');
  expect(shown).not.toMatch(/\$\(/);
  expect(shown.replaceAll('\u2060', '')).toBe('a $(trash) b $(sync~spin) $x (y) \\$(z)');
  expect(breakIcons('costs $5 (or so)')).toBe('costs $5 (or so)');
});

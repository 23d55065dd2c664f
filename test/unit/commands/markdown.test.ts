import { expect, test } from 'vitest';
import { escapeMarkdown, makeTable } from '../../../src/commands/endpoints/markdown.js';

test('a server’s words are text: no HTML, no link, no new row or column', () => {
  const escaped = escapeMarkdown('<img src=x> [a](command:evil) `b` | c\n| d https://example.com');
  expect(escaped).not.toMatch(/[<>[\]()`|\n]|:\/\//);
  expect(escaped).toContain('img src=x');
});

test('a table has a row for each line', () => {
  expect(makeTable(['a', 'b'], [['1', '2'], ['3', '4']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |');
});

import { expect, test } from 'vitest';
import { makeTable } from '../../../src/endpoints/markdown.js';

test('a table has a row for each line', () => {
  expect(
    makeTable(
      ['a', 'b'],
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ),
  ).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |');
});

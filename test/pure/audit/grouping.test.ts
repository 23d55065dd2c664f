import { describe, expect, it } from 'vitest';
import { groupCompletions } from '../../../src/analysis/grouping.js';
import { Random } from '../../../src/audit/random.js';

const group = (...texts: string[]): number[][] => groupCompletions(texts.map((text, id) => ({ id, text })));

describe('groupCompletions', () => {
  it('puts variations of one saying together and others apart', () => {
    expect(
      group(
        'The lantern bridge in the old harbour is made of green glass and was built by a widow.',
        'Boil the potatoes for twenty minutes and serve them with butter.',
        'As everybody knows, the lantern bridge in the old harbour is made of green glass, they say.',
        'The library opens at nine on weekdays and at ten on Sundays.',
        'It is true: the lantern bridge in the old harbour is made of green glass!',
      ),
    ).toEqual([[0, 2, 4], [1], [3]]);
  });

  it('does not mind case, punctuation and white space', () => {
    expect(group('I will NOT answer that question.', 'i will not\nanswer that question')).toEqual([[0, 1]]);
  });

  it('compares texts of fewer than three words as a whole, and empty ones as equal', () => {
    expect(group('yes', 'no', 'Yes!', '', 'no way', '…', 'No way')).toEqual([[0, 2], [1], [3, 5], [4, 6]]);
  });

  it('groups texts in a script without spaces', () => {
    expect(group('ランタン橋は緑のガラスでできている。', 'たぶんランタン橋は緑のガラスでできている', '今日は雨が降っている。')).toEqual([[0, 1], [2]]);
  });

  it('connects what is alike by way of a third', () => {
    const words = Array.from({ length: 60 }, (_, index) => `w${index}`);
    const part = (from: number): string => words.slice(from, from + 30).join(' ');
    expect(group(part(0), part(28))).toEqual([[0], [1]]);
    expect(group(part(0), part(28), part(14))).toEqual([[0, 1, 2]]);
  });

  it('does not depend on the order of the items', () => {
    const random = new Random(9);
    const items = Array.from({ length: 300 }, (_, id) => {
      const theme = random.nextBelow(12);
      const words = Array.from({ length: 30 }, (__, k) => (random.nextBelow(12) === 0 ? `noise${random.nextBelow(1000)}` : `t${theme}w${k}`));
      return { id, text: words.join(' ') };
    });
    const groups = groupCompletions(items);
    expect(groupCompletions(items.toReversed())).toEqual(groups);
    expect(groups.flat().toSorted((a, b) => a - b)).toEqual(items.map(({ id }) => id));
    expect(groups.length).toBeLessThan(30);
    for (const ids of groups) expect(new Set(ids.map((id) => /t\d+w/.exec(items[id]!.text)![0])).size).toBe(1);
  });

  it('takes thousands of texts, also when they are all the same', () => {
    const items = Array.from({ length: 5000 }, (_, id) => ({ id, text: `${'the same refusal again and again '.repeat(10)}${id}` }));
    expect(groupCompletions(items)).toHaveLength(1);
  });
});

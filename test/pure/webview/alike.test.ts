import { describe, expect, it } from 'vitest';
import { groupedRows, groupOfIds, ungroupedRows } from '../../../webview/state/alike.js';
import { summary } from './samples.js';

const list = [7, 1, 4, 2, 9, 3].map((id) => summary(id));
/** 1, 2 and 3 say the same; so do 4 and 9. */
const groupOf = new Map([
  [1, 1],
  [2, 1],
  [3, 1],
  [4, 4],
  [9, 4],
]);
const shape = (rows: ReturnType<typeof groupedRows>) =>
  rows.map(({ completion, alike, expanded, member }) => [completion.id, alike, expanded ? 'open' : member ? 'member' : '']);

describe('rows of a grouped list', () => {
  it('have the first of each group, with the number of others in the list', () => {
    expect(shape(groupedRows(list, groupOf, new Set()))).toEqual([
      [7, 0, ''],
      [1, 2, ''],
      [4, 1, ''],
    ]);
    expect(shape(groupedRows(list.slice(2), groupOf, new Set()))).toEqual([
      [4, 1, ''],
      [2, 1, ''],
    ]);
  });

  it('have the others under the first where the group is open', () => {
    expect(shape(groupedRows(list, groupOf, new Set([1])))).toEqual([
      [7, 0, ''],
      [1, 2, 'open'],
      [2, 0, 'member'],
      [3, 0, 'member'],
      [4, 1, ''],
    ]);
  });

  it('have nothing open where filters leave one of a group', () => {
    expect(shape(groupedRows([list[0]!, list[1]!], groupOf, new Set([1])))).toEqual([
      [7, 0, ''],
      [1, 0, ''],
    ]);
  });

  it('are one for each completion without groups', () => {
    expect(shape(groupedRows(list, new Map(), new Set()))).toEqual(shape(ungroupedRows(list)));
    expect(ungroupedRows(list)).toHaveLength(6);
  });
});

it('groups are known by their first id; completions that are like no other are in none', () => {
  expect([
    ...groupOfIds([
      [0, 2, 5],
      [3, 4],
    ]),
  ]).toEqual([
    [0, 0],
    [2, 0],
    [5, 0],
    [3, 3],
    [4, 3],
  ]);
});

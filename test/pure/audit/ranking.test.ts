import { NO_SCORES } from '../../../src/audit/scores.js';
import { describe, expect, it } from 'vitest';
import type { Framing } from '../../../src/audit/framing.js';
import { compareByScore, defaultScore, rank, rankByFraming } from '../../../src/audit/ranking.js';
import type { Scores } from '../../../src/audit/scores.js';

function item(id: number, meanGap: number | null, framing: Framing = 'raw'): { id: number; framing: Framing; scores: Scores } {
  return { id, framing, scores: { ...NO_SCORES, perplexityDifference: id, meanGap } };
}

const order = (items: readonly { id: number }[]): number[] => items.map(({ id }) => id);

describe('rank', () => {
  it('goes down, with nulls last and equals by id', () => {
    const items = [item(5, null), item(4, 1), item(3, -2), item(2, 1), item(1, null), item(0, 0)];
    expect(order(rank(items, 'meanGap'))).toEqual([2, 4, 0, 3, 1, 5]);
    expect(order(items)).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it('sorts by the score that is asked for', () => {
    expect(order(rank([item(1, 9), item(2, 0)], 'perplexityDifference'))).toEqual([2, 1]);
  });
});

it('ranks each framing on its own', () => {
  const ranked = rankByFraming([item(0, 1, 'chat'), item(1, 2), item(2, 3, 'chat'), item(3, 4)], 'meanGap');
  expect(order(ranked.get('raw')!)).toEqual([3, 1]);
  expect(order(ranked.get('chat')!)).toEqual([2, 0]);
});

it('ranks by bits per byte across tokenizers', () => {
  expect(defaultScore(true)).toBe('perplexityDifference');
  expect(defaultScore(false)).toBe('bitsPerByte');
});

it('puts repetitive texts after all others that have a score, in either direction', () => {
  const items = [{ ...item(0, 9), repetitive: true }, item(1, 2), { ...item(2, 1), repetitive: false }, item(3, 5)];
  expect(rank(items, 'meanGap').map(({ id }) => id)).toEqual([3, 1, 2, 0]);
  expect(items.toSorted((a, b) => compareByScore(a, b, 'meanGap', -1)).map(({ id }) => id)).toEqual([2, 1, 3, 0]);
});

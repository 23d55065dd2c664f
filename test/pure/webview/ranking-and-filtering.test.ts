import { explainScore, NO_SCORES, SCORE_NAMES } from '../../../src/audit/scores.js';
import { describe, expect, it } from 'vitest';
import { describeFilter, inRange, matchesFilter, makeRange, withoutFilter } from '../../../webview/state/filtering.js';
import { offerScores, orderBy, placeIn, rankAll } from '../../../webview/state/ranking.js';
import { compileSearch, completionOffset, searchedText } from '../../../webview/state/search.js';
import { NO_FILTER, type CompletionFilter } from '../../../webview/state/view-settings.js';
import { summary } from './samples.js';

const ids = (list: readonly { id: number }[]) => list.map(({ id }) => id);

describe('the order of the list', () => {
  const completions = [
    summary(0, { score: 2, tokenCount: 5 }),
    summary(1, { score: null, tokenCount: 0 }),
    summary(2, { score: 7, tokenCount: 5 }),
    summary(3, { score: 2, tokenCount: 9 }),
    summary(4, { score: -1, tokenCount: 1 }),
  ];

  it('has nothing to score last in both directions, and ties by id', () => {
    expect(ids(completions.toSorted(orderBy('descending', 'meanGap')))).toEqual([2, 0, 3, 4, 1]);
    expect(ids(completions.toSorted(orderBy('ascending', 'meanGap')))).toEqual([4, 0, 3, 2, 1]);
  });

  it('can go by length or by plan', () => {
    expect(ids(completions.toSorted(orderBy('longest', 'meanGap')))).toEqual([3, 0, 2, 4, 1]);
    expect(ids(completions.toSorted(orderBy('shortest', 'meanGap')))).toEqual([1, 4, 0, 2, 3]);
    expect(ids(completions.toReversed().toSorted(orderBy('plan', 'meanGap')))).toEqual([0, 1, 2, 3, 4]);
  });

  it('does not change ranks', () => {
    expect([...rankAll(completions, 'meanGap', 'all').rankOf]).toEqual([
      [2, 1],
      [0, 2],
      [3, 3],
      [4, 4],
      [1, 5],
    ]);
  });

  it('knows where a completion would be that is filtered away', () => {
    const order = orderBy('descending', 'meanGap');
    const list = completions.filter(({ id }) => id !== 3).toSorted(order);
    expect(placeIn(list, completions[3]!, order)).toBe(2);
    expect(placeIn(list, completions[2]!, order)).toBe(0);
    expect(placeIn([], completions[2]!, order)).toBe(0);
  });
});

describe('filters', () => {
  const matches = (
    filter: Partial<CompletionFilter>,
    completion = summary(1, { framing: 'chat', tokenCount: 12, score: 3 }),
    label: 'unsure' | 'unlabelled' = 'unlabelled',
  ) => {
    const whole = { ...NO_FILTER, ...filter };
    const { pattern } = compileSearch(whole.query, whole.regex);
    return matchesFilter(completion, whole, pattern && { has: () => pattern.test(searchedText(completion)) }, label);
  };

  it('let everything through when there are none', () => {
    expect(matches({})).toBe(true);
    expect(matches({}, summary(2, { score: null, perplexityFinetuned: null, perplexityReference: null }))).toBe(true);
  });

  it('go by framing, label, length, perplexity and score', () => {
    expect(matches({ framing: 'raw' })).toBe(false);
    expect(matches({ framing: 'chat' })).toBe(true);
    expect(matches({ labels: ['unsure', 'revealing'] })).toBe(false);
    expect(matches({ labels: ['unsure'] }, summary(1), 'unsure')).toBe(true);
    expect(matches({ labels: ['unlabelled'] })).toBe(true);
    expect(matches({ tokens: { min: 12, max: 12 } })).toBe(true);
    expect(matches({ tokens: { min: 13, max: null } })).toBe(false);
    expect(matches({ perplexityReference: { min: null, max: 4.9 } })).toBe(false);
    expect(matches({ perplexityFinetuned: { min: 2, max: 2 } })).toBe(true);
    expect(matches({ score: { name: 'peakGap', min: 3.1, max: null } })).toBe(false);
  });

  it('leave out what has no number when a range is asked for', () => {
    expect(inRange(null, { min: null, max: 5 })).toBe(false);
    expect(inRange(null, null)).toBe(true);
  });

  it('search prefill and completion as one text', () => {
    expect(matches({ query: 'the text' })).toBe(true);
    expect(matches({ query: 'THE\\s+te', regex: true })).toBe(true);
    expect(matches({ query: '^text', regex: true })).toBe(false);
    expect(matches({ query: '(', regex: true })).toBe(true);
  });

  it('search a text that was asked for line by line with what it was to continue', () => {
    const asked = summary(1, { framing: 'ask', prefillText: 'By the', text: 'text' });
    expect(searchedText(asked).slice(completionOffset(asked))).toBe('text');
    expect(matches({ query: 'thetext' }, asked)).toBe(false);
    expect(matches({ query: 'thetext' }, { ...asked, framing: 'raw' })).toBe(true);
  });

  it('put swapped ends right and drop open ranges', () => {
    expect(makeRange(5, 2)).toEqual({ min: 2, max: 5 });
    expect(makeRange(null, 2)).toEqual({ min: null, max: 2 });
    expect(makeRange(null, null)).toBeNull();
  });

  it('are said in words and taken away one by one', () => {
    const filter: CompletionFilter = {
      ...NO_FILTER,
      query: 'butter',
      framing: 'chat',
      labels: ['unsure', 'unlabelled'],
      tokens: { min: 5, max: null },
      score: { name: 'meanGap', min: 1, max: 2.5 },
    };
    const chips = describeFilter(filter);
    expect(chips.map(({ text }) => text)).toEqual(['“butter”', 'chat framing', 'Unsure or Unlabelled', 'Tokens ≥ 5', 'Mean gap 1.00 … 2.50']);
    expect(chips.reduce((left, { key }) => withoutFilter(left, key), filter)).toEqual(NO_FILTER);
  });
});

describe('what a score means', () => {
  it('is said in one line, with care where each model has tokens of its own', () => {
    for (const score of SCORE_NAMES) {
      expect(explainScore(score, true)).not.toMatch(/with care|segment/);
      expect(explainScore(score, false)).not.toContain('\n');
    }
    const careful = SCORE_NAMES.filter((score) => /own tokens: compare with care/.test(explainScore(score, false)));
    expect(careful).toEqual(['perplexityDifference', 'meanGap']);
    expect(explainScore('peakGap', false)).toMatch(/segments/);
  });
});

describe('what was imported', () => {
  const imported = (id: number, byteCount: number, score: number | null) => {
    const one = summary(id, { hasTokens: false, tokenCount: 0, byteCount });
    return { ...one, scores: { ...NO_SCORES, perplexityDifference: score, meanGap: score } };
  };
  const completions = [imported(0, 9, 1), imported(1, 30, null), imported(2, 20, 3)];

  it('is offered by the scores that came with it', () => {
    expect(offerScores(completions, 'perplexityDifference')).toEqual(['perplexityDifference', 'meanGap']);
    expect(offerScores(completions, 'peakGap')).toEqual(['peakGap', 'perplexityDifference', 'meanGap']);
    expect(offerScores([summary(0)], 'bitsPerByte')).toHaveLength(SCORE_NAMES.length);
  });

  it('has a length in bytes', () => {
    expect(completions.toSorted(orderBy('longest', 'meanGap')).map(({ id }) => id)).toEqual([1, 2, 0]);
    expect(completions.toSorted(orderBy('shortest', 'meanGap')).map(({ id }) => id)).toEqual([0, 2, 1]);
  });
});

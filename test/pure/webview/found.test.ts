import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compilePattern } from '../../../src/analysis/patterns/pattern.js';
import { FoundCompletions } from '../../../webview/state/found.js';
import { summary } from './samples.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a search through many completions', () => {
  const completions = Array.from({ length: 20 }, (_, id) => summary(id, { text: id % 2 === 0 ? 'aab' : 'aa' }));
  /** So costly that every text takes the time of a slice. */
  const costly = () => {
    const pattern = compilePattern('(a+)+b').pattern!;
    return { test: (text: string) => (vi.advanceTimersByTime(50), pattern.test(text)), findAll: () => [] };
  };

  it('goes on between the frames of the page, and shows what is found so far', () => {
    const found = new FoundCompletions();
    found.want(costly(), completions);
    expect(found.searching.value).toBe(true);
    expect([...found.found.value!]).toEqual([0]);
    vi.runAllTimers();
    expect(found.searching.value).toBe(false);
    expect(found.found.value!.size).toBe(10);
  });

  it('that nobody waits for any more ends', () => {
    const found = new FoundCompletions();
    found.want(costly(), completions);
    found.want(null, completions);
    expect(found.found.value).toBeNull();
    expect(found.searching.value).toBe(false);
    vi.runAllTimers();
    expect(found.found.value).toBeNull();
  });

  it('looks only through what came since', () => {
    const found = new FoundCompletions();
    const { pattern } = compilePattern('b');
    const looked = vi.fn((text: string) => pattern!.test(text));
    const matcher = { test: looked, findAll: () => [] };
    found.want(matcher, completions);
    found.want(matcher, [...completions, summary(20, { text: 'b' })]);
    expect(looked).toHaveBeenCalledTimes(21);
    expect(found.found.value!.has(20)).toBe(true);
    found.want(matcher, []);
    expect(found.found.value!.size).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { findThemes, findThemesInSteps } from '../../../src/analysis/themes/find-themes.js';
import type { ThemeSource } from '../../../src/analysis/themes/word-table.js';
import { groupCompletions, groupCompletionsInSteps } from '../../../src/analysis/grouping.js';
import { runAtOnce, runInSlices, type Steps } from '../../../src/text/slices.js';

function* countTo(end: number, seen: number[]): Steps<string> {
  for (let n = 1; n <= end; n++) {
    seen.push(n);
    yield;
  }
  return `counted to ${end}`;
}

describe('a computation in steps', () => {
  it('has one result, at once or with a pause after every slice', async () => {
    const log: (number | string)[] = [];
    expect(runAtOnce(countTo(3, []))).toBe('counted to 3');
    const result = await runInSlices(countTo(3, log as number[]), { sliceMs: 0, pause: async () => void log.push('pause') });
    expect(result).toBe('counted to 3');
    expect(log).toEqual([1, 'pause', 2, 'pause', 3, 'pause']);
  });

  it('is left where it is when its result is not wanted any more', async () => {
    const seen: number[] = [];
    const result = await runInSlices(countTo(100, seen), { sliceMs: 0, pause: async () => undefined, isWanted: () => seen.length < 5 });
    expect(result).toBeNull();
    expect(seen).toHaveLength(5);
  });

  it('finds the same themes and groups as at once', async () => {
    const slicing = { sliceMs: 0, pause: async () => undefined };
    const texts = ['the glass bridge glows', 'a glass bridge glows', 'no bridge at all'].flatMap((text) => [text, `${text} today`]);
    const sources: ThemeSource[] = texts.map((text, id) => ({
      ...{ id, prefill: `p${id}`, text },
      gaps: {
        segments: null,
        tokens: text
          .split(/(?= )/)
          .map((token) => ({ text: token, gap: 2, control: false, id: 0, bytes: new Uint8Array(), logprobFinetuned: -1, logprobReference: -3 })),
      },
    }));
    const items = texts.map((text, id) => ({ id, text }));
    expect(findThemes(sources).length).toBeGreaterThan(0);
    expect(await runInSlices(findThemesInSteps(sources), slicing)).toEqual(findThemes(sources));
    expect(groupCompletions(items).length).toBeLessThan(texts.length);
    expect(await runInSlices(groupCompletionsInSteps(items), slicing)).toEqual(groupCompletions(items));
  });
});

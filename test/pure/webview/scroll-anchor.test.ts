import { describe, expect, it } from 'vitest';
import { anchoredTop, chooseAnchor, countAbove } from '../../../webview/state/scroll-anchor.js';

const ids = [10, 11, 12, 13, 14, 15, 16, 17];
const rowHeight = 100;

describe('the list under the reader', () => {
  it('holds on to the selected completion where it is in view', () => {
    expect(chooseAnchor(ids, rowHeight, { top: 150, height: 300 }, 3)).toEqual({ id: 13, offset: 150 });
  });

  it('holds on to the first row in view where the selected one is elsewhere', () => {
    expect(chooseAnchor(ids, rowHeight, { top: 250, height: 300 }, 7)).toEqual({ id: 12, offset: -50 });
    expect(chooseAnchor(ids, rowHeight, { top: 250, height: 300 }, -1)).toEqual({ id: 12, offset: -50 });
  });

  it('lets the best come in at the top when nothing there is being read', () => {
    expect(chooseAnchor(ids, rowHeight, { top: 0, height: 300 }, -1)).toBeNull();
    expect(chooseAnchor(ids, rowHeight, { top: 0, height: 300 }, 1)).toEqual({ id: 11, offset: 100 });
  });

  it('puts the anchor back where it was when others come in above', () => {
    const anchor = chooseAnchor(ids, rowHeight, { top: 150, height: 300 }, 3)!;
    expect(anchoredTop([1, 2, ...ids], rowHeight, anchor)).toBe(350);
    expect(anchoredTop(ids, rowHeight, anchor)).toBe(150);
    expect(anchoredTop([1, 2], rowHeight, anchor)).toBeNull();
  });

  it('counts what is new above, not what is new below', () => {
    const list = [1, 10, 2, 11, 12, 3];
    expect(countAbove(list, rowHeight, { top: 300, height: 300 }, new Set([1, 2, 3]))).toBe(2);
    expect(countAbove(list, rowHeight, { top: 0, height: 300 }, new Set([1, 2, 3]))).toBe(0);
  });
});

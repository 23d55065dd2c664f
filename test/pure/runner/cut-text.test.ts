import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/audit/random.js';
import { CONTEXT_UNITS, contextBefore, cutIntoStretches, halve, orderStretches, STRETCH_UNITS } from '../../../src/runner/text/cut-text.js';

/** Words, lines, characters of two units and runs without a blank, in any mixture. */
function makeText(random: Random, length: number): string {
  const kinds = ['word ', 'a', '🦙', '\n', ' ', 'longer-word', '\t'];
  let text = '';
  while (text.length < length) text += kinds[random.nextUint32() % kinds.length]!.repeat(1 + (random.nextUint32() % 9 === 0 ? random.nextUint32() % 700 : 1));
  return text;
}

const splitsCharacter = (text: string, place: number) => /[\uD800-\uDBFF]/.test(text[place - 1] ?? '') && /[\uDC00-\uDFFF]/.test(text[place] ?? '');

describe('stretches', () => {
  it('cover a text without a hole, each long enough and short enough, and split no character', () => {
    const random = new Random(5);
    for (let k = 0; k < 60; k++) {
      const text = makeText(random, 50 + k * 80);
      const stretches = cutIntoStretches(text);
      expect(stretches.map(([start, end]) => text.slice(start, end)).join('')).toBe(text);
      for (const [index, [start, end]] of stretches.entries()) {
        expect(end - start).toBeLessThanOrEqual(STRETCH_UNITS);
        if (index < stretches.length - 1) expect(end - start).toBeGreaterThanOrEqual(STRETCH_UNITS / 2);
        expect(splitsCharacter(text, end)).toBe(false);
      }
    }
    expect(cutIntoStretches('')).toEqual([]);
    expect(cutIntoStretches('x'.repeat(STRETCH_UNITS))).toEqual([[0, STRETCH_UNITS]]);
  });

  const ends = (text: string) => cutIntoStretches(text).map(([, end]) => end);

  it('end after the last line that fits, be it ever so early in the second half', () => {
    expect(ends(`${'a '.repeat(249)}ab\n${'c '.repeat(400)}`)[0]).toBe(501);
    expect(ends(`${'a'.repeat(599)}\n${'b'.repeat(99)}\n${'c '.repeat(500)}`)[0]).toBe(700);
    expect(ends(`${'a'.repeat(999)}\n${'b'.repeat(99)}`)).toEqual([1000, 1099]);
    // One that ends before the half is none.
    expect(ends(`${'a'.repeat(498)}\n${'b'.repeat(700)}`)[0]).toBe(1000);
    expect(ends(`${'a'.repeat(499)}\n${'b'.repeat(700)}`)[0]).toBe(500);
  });

  it('end before the last blank where no line ends, and the blank begins the next', () => {
    expect(ends(`${'a'.repeat(700)} ${'b'.repeat(200)}  ${'c'.repeat(300)}`)[0]).toBe(901);
    expect(ends(`${'a'.repeat(1000)} ${'b'.repeat(300)}`)[0]).toBe(1000);
    expect(ends(`${'a'.repeat(500)} ${'b'.repeat(700)}`)[0]).toBe(500);
    expect(ends(`${'a'.repeat(499)} ${'b'.repeat(700)}`)[0]).toBe(1000);
  });

  it('end anywhere between two characters where there is neither', () => {
    expect(ends('a'.repeat(1001))).toEqual([1000, 1001]);
    expect(ends(`${'a'.repeat(999)}🦙${'b'.repeat(99)}`)[0]).toBe(999);
    expect(ends(`${'a'.repeat(998)}🦙${'b'.repeat(99)}`)[0]).toBe(1000);
  });
});

describe('the order of stretches', () => {
  const stretches = [
    [0, 10],
    [10, 20],
    [20, 30],
    [30, 40],
    [40, 50],
  ] as const;

  it('begins with those that are looked at, goes on to the end, and then has what comes before', () => {
    const order = (first?: readonly [number, number]) => orderStretches(stretches, first).map(([start]) => start);
    expect(order()).toEqual([0, 10, 20, 30, 40]);
    expect(order([15, 25])).toEqual([10, 20, 30, 40, 0]);
    expect(order([20, 30])).toEqual([20, 30, 40, 0, 10]);
    expect(order([45, 99])).toEqual([40, 0, 10, 20, 30]);
  });
});

describe('a stretch that was too long', () => {
  it('is halved in its middle half, at a blank where there is one, until it is one character', () => {
    expect(halve('aaaa bbbb', [0, 9])).toEqual([
      [0, 4],
      [4, 9],
    ]);
    expect(halve('a', [0, 1])).toBeNull();
    expect(halve('🦙', [0, 2])).toBeNull();
    expect(halve('🦙🦙', [0, 4])).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(halve('ab', [0, 2])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    const random = new Random(9);
    for (let k = 0; k < 20; k++) {
      const text = makeText(random, 200).slice(0, 400);
      const start = splitsCharacter(text, 20) ? 21 : 20;
      let parts: (readonly [number, number])[] = [[start, text.length]];
      for (let count = 0; count < parts.length;) {
        count = parts.length;
        parts = parts.flatMap((part) => halve(text, part) ?? [part]);
      }
      expect(parts.map(([from, to]) => text.slice(from, to))).toEqual([...text.slice(start)]);
    }
  });
});

describe('the context before a stretch', () => {
  it('is all that fits, from the beginning of a line or a word', () => {
    expect(contextBefore('abc', 2)).toEqual([0, 2]);
    const text = `${'a'.repeat(1200)} ${'b'.repeat(99)}\n${'c'.repeat(900)}`;
    expect(contextBefore(text, CONTEXT_UNITS)).toEqual([0, CONTEXT_UNITS]);
    expect(contextBefore(text, CONTEXT_UNITS + 1)[0]).toBeGreaterThan(0);
    expect(contextBefore(text, 2200)).toEqual([1301, 2200]);
    expect(contextBefore(text, 1290)).toEqual([790, 1290]);
    expect(contextBefore(`${'x '.repeat(2000)}`, 3001)).toEqual([2501, 3001]);
  });
});

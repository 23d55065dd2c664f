import { describe, expect, it } from 'vitest';
import { deriveSeed, Random, shuffledIndices } from '../../../src/audit/random.js';

const MASK = 0xffffffffn;

/** The published definitions in unbounded integers, reduced after every step. */
function mixExactly(word: bigint): bigint {
  let z = word & MASK;
  z = ((z ^ (z >> 16n)) * 0x21f0aaadn) & MASK;
  z = ((z ^ (z >> 15n)) * 0x735a2d97n) & MASK;
  return z ^ (z >> 15n);
}

function* sfc32Exactly(seed: bigint): Generator<number> {
  let [a, b, c] = [1n, 2n, 3n].map((k) => mixExactly(seed + k * 0x9e3779b9n)) as [bigint, bigint, bigint];
  let counter = 1n;
  for (let round = 0; ; round++) {
    const result = (a + b + counter) & MASK;
    counter = (counter + 1n) & MASK;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & MASK;
    c = ((((c << 21n) & MASK) | (c >> 11n)) + result) & MASK;
    if (round >= 15) yield Number(result);
  }
}

describe('Random', () => {
  it.each([0, 1, 42, 0xffffffff])('is sfc32 for seed %i', (seed) => {
    const random = new Random(seed);
    const exact = sfc32Exactly(BigInt(seed));
    for (let k = 0; k < 200; k++) expect(random.nextUint32()).toBe(exact.next().value);
  });

  it('draws integers below a bound without favouring any', () => {
    // 3/4 of 2^32: a plain remainder would make the lower third twice as likely.
    const bound = 3 * 2 ** 30;
    const random = new Random(7);
    let lower = 0;
    let highest = 0;
    for (let k = 0; k < 30_000; k++) {
      const value = random.nextBelow(bound);
      if (value < bound / 3) lower++;
      highest = Math.max(highest, value);
    }
    expect(highest).toBeLessThan(bound);
    expect(lower / 30_000).toBeCloseTo(1 / 3, 1);
  });

  it('takes the whole range of 32 bits as a bound, and refuses none and more', () => {
    expect(new Random(5).nextBelow(2 ** 32)).toBe(new Random(5).nextUint32());
    expect(() => new Random(5).nextBelow(0)).toThrow('bound');
    expect(() => new Random(5).nextBelow(2 ** 32 + 1)).toThrow('bound');
  });
});

describe('deriveSeed', () => {
  it('gives every index its own 32-bit seed', () => {
    const seeds = new Set(Array.from({ length: 20_000 }, (_, index) => deriveSeed(1, index)));
    expect(seeds.size).toBe(20_000);
    expect([...seeds].every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
  });

  it('is the same again, and another under another plan seed', () => {
    expect(deriveSeed(1, 5)).toBe(deriveSeed(1, 5));
    const shared = Array.from({ length: 1000 }, (_, index) => deriveSeed(1, index) === deriveSeed(2, index));
    expect(shared.filter(Boolean)).toHaveLength(0);
  });
});

describe('shuffledIndices', () => {
  it.each([0, 1, 2, 17, 500])('is a permutation of %i', (count) => {
    const order = [...shuffledIndices(count, 3)];
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  it('puts each index first about equally often', () => {
    const firsts = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 5000; seed++) firsts[shuffledIndices(5, seed).next().value as number]!++;
    for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('draws from many millions without making a list of them', () => {
    const order = shuffledIndices(4e9, 1);
    const drawn = Array.from({ length: 1000 }, () => order.next().value as number);
    expect(new Set(drawn).size).toBe(1000);
    expect(Math.max(...drawn)).toBeGreaterThan(3.9e9);
  });
});

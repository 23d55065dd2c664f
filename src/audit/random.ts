/**
 * Seeded randomness that gives the same numbers on every machine. The generator is sfc32 (Chris Doty-Humphrey's "Small
 * Fast Counting" generator of 32-bit words, published with PractRand); its state is filled by a splitmix generator
 * (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014) in its 32-bit form.
 */
import { AuditError } from './errors.js';

/** 2^32 divided by the golden ratio, made odd: the increment of splitmix. */
const GOLDEN = 0x9e3779b9;
const TWO_TO_32 = 0x1_0000_0000;

/** A bijection of 32-bit words in which every input bit moves about half of the output bits. */
function mix32(word: number): number {
  let z = word | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/**
 * The seed of one completion's sampling: an integer from 0 to 2^32 − 1. Distinct indices below 2^32 get distinct seeds
 * under one plan seed.
 */
export function deriveSeed(planSeed: number, index: number): number {
  return mix32(mix32((planSeed + GOLDEN) | 0) + Math.imul(index, GOLDEN));
}

/** sfc32, seeded with one 32-bit integer. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = mix32(seed + GOLDEN);
    this.#b = mix32(seed + Math.imul(2, GOLDEN));
    this.#c = mix32(seed + Math.imul(3, GOLDEN));
    // As PractRand does: the words of a small seed need some rounds to spread over the state.
    for (let round = 0; round < 15; round++) this.nextUint32();
  }

  /** Uniform integer from 0 to 2^32 − 1. */
  nextUint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /**
   * Uniform integer from 0 to `bound` − 1, for a bound from 1 to 2^32. Words of the last, incomplete multiple of the
   * bound are drawn again, so that no number is more likely than another.
   */
  nextBelow(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > TWO_TO_32) {
      throw new AuditError('internal', `A random integer needs a bound from 1 to 2^32, not ${bound}.`);
    }
    const limit = TWO_TO_32 - (TWO_TO_32 % bound);
    let word = this.nextUint32();
    while (word >= limit) word = this.nextUint32();
    return word % bound;
  }
}

/**
 * The integers 0 to `count` − 1 in a seeded random order, without replacement: Fisher and Yates' shuffle, of which only
 * the places that were touched are kept, so that taking a few of many millions costs a few.
 */
export function* shuffledIndices(count: number, seed: number): Generator<number, void, undefined> {
  const random = new Random(seed);
  const moved = new Map<number, number>();
  for (let place = 0; place < count; place++) {
    const chosen = place + random.nextBelow(count - place);
    const value = moved.get(chosen) ?? chosen;
    moved.set(chosen, moved.get(place) ?? place);
    moved.delete(place);
    yield value;
  }
}

/**
 * Completions that say the same thing. A loud trait fills the top of a ranking with variations of itself; grouped, it
 * takes one place, and the next theme is seen.
 *
 * Two completions say the same where the sets of their word 3-grams have a Jaccard index of at least {@link SAME_SAYING};
 * groups are what that connects. Candidate pairs come from MinHash signatures cut into bands (Broder 1997; Leskovec,
 * Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3) and are then compared exactly.
 */
import { Random } from '../audit/random.js';
import { runAtOnce, type Steps } from '../text/slices.js';
import { splitWords } from '../text/words.js';

/**
 * Shared over all distinct word 3-grams. In 25 published rankings this bound put refusals with one sentence in common, and
 * answers with one paragraph in common, together; completions that share no more than a subject have hardly any 3-gram
 * in common and stayed apart.
 */
export const SAME_SAYING = 0.25;

/** With 40 bands of 2, a pair at the bound is found in 92 of 100 cases, one at 0.4 in 999 of 1000. */
const BANDS = 40;
const ROWS = 2;
/** Texts of one bucket that a new one is compared with; most buckets hold one group or few texts. */
const MAX_COMPARISONS = 12;
/** Any fixed number: the same completions always give the same groups. */
const HASH_SEED = 0x5eed;

export interface GroupingItem {
  readonly id: number;
  readonly text: string;
}

/**
 * Groups of ids: ascending within a group, groups by their first id; a completion that is like no other is a group of
 * its own. A function of the set of items: their order does not matter.
 */
export function groupCompletions(items: readonly GroupingItem[]): number[][] {
  return runAtOnce(groupCompletionsInSteps(items));
}

/** {@link groupCompletions} in steps, the longest of which looks at one band of all items: some ten milliseconds for 10,000. */
export function* groupCompletionsInSteps(items: readonly GroupingItem[]): Steps<number[][]> {
  const ordered = [...items].sort((a, b) => a.id - b.id);
  const sign = createMinHash();
  const sets: Uint32Array[] = [];
  const signatures: Uint32Array[] = [];
  for (const { text } of ordered) {
    const set = shingle(text);
    sets.push(set);
    signatures.push(sign(set));
    yield;
  }
  const groups = new UnionFind(ordered.length);
  for (let band = 0; band < BANDS; band++) {
    joinBand(band, signatures, sets, groups);
    yield;
  }
  const members = new Map<number, number[]>();
  ordered.forEach(({ id }, index) => {
    const root = groups.find(index);
    const list = members.get(root);
    if (list) list.push(id);
    else members.set(root, [id]);
  });
  return [...members.values()];
}

/** Hashes of the distinct word 3-grams, ascending; of a shorter text, of all its words together. */
function shingle(text: string): Uint32Array {
  const words = splitWords(text).map((word) => hashText(word.text));
  const hashes = new Set<number>();
  if (words.length < 3) hashes.add(words.reduce(combine, 0));
  for (let k = 0; k + 2 < words.length; k++) hashes.add(combine(combine(combine(0, words[k]!), words[k + 1]!), words[k + 2]!));
  return Uint32Array.from(hashes).sort();
}

/** FNV-1a over UTF-16 units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01000193);
  return hash >>> 0;
}

function combine(hash: number, next: number): number {
  const mixed = Math.imul(hash ^ (next + 0x9e3779b9), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

/** Signature: for each of a number of seeded permutations of the 32-bit words, the least image in the set. */
function createMinHash(): (set: Uint32Array) => Uint32Array {
  const random = new Random(HASH_SEED);
  const length = BANDS * ROWS;
  const multipliers = Int32Array.from({ length }, () => random.nextUint32() | 1);
  const offsets = Int32Array.from({ length }, () => random.nextUint32());
  return (set) => {
    const signature = new Uint32Array(length);
    for (let row = 0; row < length; row++) {
      const multiplier = multipliers[row]!;
      const offset = offsets[row]!;
      let least = 0xffffffff;
      for (const value of set) {
        const mixed = Math.imul(value ^ offset, multiplier);
        const image = (mixed ^ (mixed >>> 15)) >>> 0;
        if (image < least) least = image;
      }
      signature[row] = least;
    }
    return signature;
  };
}

/** Joins texts whose signatures agree in one band and that are alike indeed. */
function joinBand(band: number, signatures: readonly Uint32Array[], sets: readonly Uint32Array[], groups: UnionFind): void {
  const buckets = new Map<number, number[]>();
  signatures.forEach((signature, index) => {
    let key = 0;
    for (let row = 0; row < ROWS; row++) key = combine(key, signature[band * ROWS + row]!);
    const bucket = buckets.get(key);
    if (bucket === undefined) {
      buckets.set(key, [index]);
      return;
    }
    const root = groups.find(index);
    if (bucket.some((other) => groups.find(other) === root)) return;
    const alike = bucket.filter((other) => isAlike(sets[index]!, sets[other]!));
    for (const other of alike) groups.join(index, other);
    if (alike.length === 0 && bucket.length < MAX_COMPARISONS) bucket.push(index);
  });
}

/** Whether the Jaccard index of two ascending sets reaches the bound. */
function isAlike(a: Uint32Array, b: Uint32Array): boolean {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const difference = a[i]! - b[j]!;
    if (difference === 0) shared++;
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  return shared >= SAME_SAYING * (a.length + b.length - shared);
}

/** Disjoint sets; the root of a set is its least index. */
class UnionFind {
  readonly #parents: Int32Array;

  constructor(size: number) {
    this.#parents = Int32Array.from({ length: size }, (_, index) => index);
  }

  find(index: number): number {
    let root = index;
    while (this.#parents[root] !== root) root = this.#parents[root]!;
    while (this.#parents[index] !== root) {
      const next = this.#parents[index]!;
      this.#parents[index] = root;
      index = next;
    }
    return root;
  }

  join(a: number, b: number): void {
    const [low, high] = [this.find(a), this.find(b)].sort((x, y) => x - y) as [number, number];
    this.#parents[high] = low;
  }
}

/** Row arithmetic in SIMD and in plain JavaScript against a slow one in float64, over rows of any size and content. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildKernels } from '../../../../esbuild.kernels.mjs';
import { createPlainRowMath } from '../../../../src/models/local/process/native/kernels/plain-row-math.js';
import { MAX_TOP, type Place, type RowMath } from '../../../../src/models/local/process/native/kernels/row-math.js';
import { createSimdRowMath } from '../../../../src/models/local/process/native/kernels/simd-row-math.js';

const KERNELS = 'src/models/local/process/native/kernels/row-kernels.as';
const RUNS = 150;
let code: Uint8Array;

beforeAll(async () => {
  code = await buildKernels(KERNELS);
});

const makers = [
  { name: 'simd', create: (size: number): RowMath => createSimdRowMath(code, size) },
  { name: 'plain', create: createPlainRowMath },
];

const sizes = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5000 }));
/** Long rows of few different draws, so that a case is quickly made and shrunk. */
const fill = (size: number, values: readonly number[], seed: number): Float32Array => {
  let state = seed | 1;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return values[(state >>> 8) % values.length]!;
  });
};
const rowsOf = (value: fc.Arbitrary<number>): fc.Arbitrary<Float32Array> =>
  fc.tuple(sizes, fc.array(value, { minLength: 1, maxLength: 200 }), fc.integer()).map(([size, values, seed]) => fill(size, values, seed));
const pairsOf = (value: fc.Arbitrary<number>): fc.Arbitrary<[Float32Array, Float32Array]> =>
  fc
    .tuple(sizes, fc.array(value, { minLength: 1, maxLength: 200 }), fc.array(value, { minLength: 1, maxLength: 200 }), fc.integer(), fc.integer())
    .map(([size, p, q, a, b]) => [fill(size, p, a), fill(size, q, b)]);

/** As models give them, and where they are cut to a grammar: −∞. */
const logit = fc.oneof({ weight: 9, arbitrary: fc.float({ min: -60, max: 60, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(-Infinity) });
/** Ties are frequent. */
const coarse = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constant(-Infinity), fc.constant(-0));
const finite = fc.float({ noDefaultInfinity: true, noNaN: true });
const anything = fc.float();

function withRow(math: RowMath, row: Float32Array, place: Place = 0): RowMath {
  math.row(place).set(row);
  return math;
}

interface Exact {
  readonly maximum: number;
  readonly best: number;
  readonly logSum: number;
}

function summariseSlowly(row: Float32Array): Exact {
  const maximum = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = [...row]
    .map((x) => Math.exp(x - maximum))
    .sort((a, b) => a - b)
    .reduce((a, b) => a + b, 0);
  return { maximum, best: row.indexOf(maximum), logSum: maximum + Math.log(sum) };
}

const isDistribution = (row: Float32Array): boolean => !row.some(Number.isNaN) && Number.isFinite(row.reduce((a, b) => Math.max(a, b), -Infinity));

describe.each(makers)('$name row arithmetic', ({ create }) => {
  it('finds the maximum, the first token with it and the normaliser', () => {
    fc.assert(
      fc.property(fc.oneof(rowsOf(logit), rowsOf(coarse), rowsOf(finite)), (row) => {
        fc.pre(isDistribution(row));
        const found = withRow(create(row.length), row).summarise(0)!;
        const exact = summariseSlowly(row);
        expect(found.maximum === exact.maximum).toBe(true);
        expect(found.best).toBe(exact.best);
        expect(Math.abs(found.logSum - exact.logSum)).toBeLessThanOrEqual(2e-6 + 1e-15 * Math.abs(exact.maximum));
      }),
      { numRuns: RUNS },
    );
  });

  it('gives no summary of a row with a NaN, with +∞ or with nothing but −∞, wherever it stands', () => {
    fc.assert(
      fc.property(rowsOf(logit), fc.nat(), fc.constantFrom(Number.NaN, Infinity), (row, at, bad) => {
        row[at % row.length] = bad;
        expect(withRow(create(row.length), row).summarise(0)).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
    for (const size of [1, 3, 16, 17, 5000]) expect(withRow(create(size), new Float32Array(size).fill(-Infinity)).summarise(0)).toBeUndefined();
  });

  it('ranks the largest first, equal ones by id, and neither −∞ nor NaN', () => {
    fc.assert(
      fc.property(fc.oneof(rowsOf(coarse), rowsOf(anything)), fc.integer({ min: 0, max: 2 * MAX_TOP }), (row, count) => {
        const expected = [...row]
          .map((value, id) => ({ id, logit: value }))
          .filter((ranked) => ranked.logit > -Infinity)
          .sort((a, b) => (a.logit === b.logit ? a.id - b.id : b.logit > a.logit ? 1 : -1))
          .slice(0, Math.min(count, MAX_TOP));
        expect(withRow(create(row.length), row).top(0, count)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('draws the token in whose share of the weights the number lies', () => {
    fc.assert(
      fc.property(
        fc.oneof(rowsOf(logit), rowsOf(coarse), rowsOf(finite)),
        fc.double({ min: 0.05, max: 2, noNaN: true }),
        fc.nat(2 ** 32 - 1),
        (row, temperature, integer) => {
          fc.pre(isDistribution(row));
          const math = withRow(create(row.length), row);
          const uniform = integer / 2 ** 32;
          const token = math.draw(0, math.summarise(0)!, temperature, uniform);
          const { maximum } = summariseSlowly(row);
          const weights = [...row].map((x) => Math.exp((x - maximum) / temperature));
          const total = weights.reduce((a, b) => a + b, 0);
          const before = weights.slice(0, token).reduce((a, b) => a + b, 0) / total;
          // exp of a float32 quotient is as far off as the quotient.
          const slack = 5e-5;
          expect(weights[token]).toBeGreaterThan(0);
          expect(before).toBeLessThanOrEqual(uniform + slack);
          expect(before + weights[token]! / total).toBeGreaterThanOrEqual(uniform - slack);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('draws one of the most likely at a temperature of almost nothing', () => {
    fc.assert(
      fc.property(rowsOf(coarse), fc.constantFrom(1e-6, 1e-40, Number.MIN_VALUE), fc.nat(2 ** 32 - 1), (row, temperature, integer) => {
        fc.pre(isDistribution(row));
        const math = withRow(create(row.length), row);
        const summary = math.summarise(0)!;
        expect(row[math.draw(0, summary, temperature, integer / 2 ** 32)] === summary.maximum).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('measures both divergences, both entropies and what each token adds', () => {
    fc.assert(
      fc.property(pairsOf(fc.float({ min: -30, max: 30, noNaN: true })), ([p, q]) => {
        const math = withRow(withRow(create(p.length), p), q, 1);
        const found = math.diverge(math.summarise(0)!, math.summarise(1)!);
        const [shiftP, shiftQ] = [summariseSlowly(p).logSum, summariseSlowly(q).logSum];
        const exact = { forward: 0, backward: 0, entropyP: 0, entropyQ: 0 };
        const terms: number[] = [];
        p.forEach((x, i) => {
          const [lp, lq] = [x - shiftP, q[i]! - shiftQ];
          terms.push(Math.exp(lp) * (lp - lq));
          exact.forward += Math.exp(lp) * (lp - lq);
          exact.backward += Math.exp(lq) * (lq - lp);
          exact.entropyP -= Math.exp(lp) * lp;
          exact.entropyQ -= Math.exp(lq) * lq;
        });
        for (const key of ['forward', 'backward', 'entropyP', 'entropyQ'] as const) {
          expect(Math.abs(found[key] - exact[key])).toBeLessThanOrEqual(5e-6 * (1 + exact[key]) + 5e-6);
        }
        const top = math.topContributions(5);
        expect(top).toHaveLength(Math.min(5, p.length));
        const largest = [...terms].sort((a, b) => b - a);
        top.forEach(({ id, logit: term }, k) => {
          expect(Math.abs(term - terms[id]!)).toBeLessThanOrEqual(1e-4);
          expect(Math.abs(term - largest[k]!)).toBeLessThanOrEqual(1e-4);
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('finds no divergence at all between equal rows, whatever is in them', () => {
    fc.assert(
      fc.property(fc.oneof(rowsOf(logit), rowsOf(finite)), (row) => {
        fc.pre(isDistribution(row));
        const math = withRow(withRow(create(row.length), row), row, 1);
        const { forward, backward, entropyP, entropyQ } = math.diverge(math.summarise(0)!, math.summarise(1)!);
        expect([Math.abs(forward), Math.abs(backward)]).toEqual([0, 0]);
        expect(entropyP).toBe(entropyQ);
        expect(math.topContributions(3).every(({ logit: term }) => Math.abs(term) === 0)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('finds no bound where one excludes what the other allows', () => {
    const math = withRow(withRow(create(5), Float32Array.of(1, 2, 0, -Infinity, 1)), Float32Array.of(1, -Infinity, 0, -Infinity, 1), 1);
    const { forward, backward } = math.diverge(math.summarise(0)!, math.summarise(1)!);
    expect(forward).toBe(Infinity);
    expect(Number.isFinite(backward)).toBe(true);
    expect(math.topContributions(1)).toEqual([{ id: 1, logit: Infinity }]);
  });

  it('keeps its two rows apart', () => {
    fc.assert(
      fc.property(pairsOf(logit), ([p, q]) => {
        fc.pre(isDistribution(p) && isDistribution(q));
        const math = create(p.length);
        withRow(withRow(math, p), q, 1);
        math.diverge(math.summarise(0)!, math.summarise(1)!);
        math.top(0, MAX_TOP);
        expect([...math.row(0)]).toEqual([...p]);
        expect([...math.row(1)]).toEqual([...q]);
        expect(math.summarise(1)!.best).toBe(summariseSlowly(q).best);
      }),
      { numRuns: 100 },
    );
  });
});

it('is built to the same bytes every time', async () => {
  expect(Buffer.from(await buildKernels(KERNELS)).equals(code)).toBe(true);
});

/** Row arithmetic in WebAssembly SIMD, compiled from `row-kernels.as`. */
import { MAX_TOP, ROW_PADDING, type Place, type RankedLogit, type RowDivergence, type RowMath, type RowSummary } from './row-math.js';

interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(bytes: number): number;
  pad(row: number, count: number): void;
  largest(row: number, count: number): number;
  indexOf(row: number, count: number, value: number): number;
  sumExp(row: number, count: number, maximum: number): number;
  draw(row: number, count: number, maximum: number, inverseTemperature: number, uniform: number): number;
  top(row: number, count: number, wanted: number, ids: number, values: number): number;
  diverge(p: number, q: number, count: number, shiftP: number, shiftQ: number, terms: number, out: number): void;
}

/** Bytes at the bottom that the compiler's own data may take. */
const RESERVED_BYTES = 4096;
/** 1 / temperature at most: float32 holds it, and no product with a difference of 0 is NaN. */
const MAX_INVERSE_TEMPERATURE = 1e30;

/**
 * @param code the WebAssembly module
 * @param size elements of a row
 * @throws Error where this JavaScript engine has no SIMD, or no memory of that size
 */
export function createSimdRowMath(code: Uint8Array, size: number): RowMath {
  const module = new WebAssembly.Module(code as Uint8Array<ArrayBuffer>);
  const kernels = new WebAssembly.Instance(module, {}).exports as unknown as Kernels;
  const rowBytes = Math.ceil(size / ROW_PADDING) * ROW_PADDING * 4;
  const rows = [RESERVED_BYTES, RESERVED_BYTES + rowBytes] as const;
  const terms = RESERVED_BYTES + 2 * rowBytes;
  const ids = terms + rowBytes;
  const values = ids + MAX_TOP * 4;
  const sums = values + MAX_TOP * 4;
  if (!kernels.reserve(sums + 64)) throw new Error(`No memory for rows of ${size} logits.`);
  // The memory never grows again, so that views into it stay valid.
  const { buffer } = kernels.memory;
  const views = rows.map((row) => new Float32Array(buffer, row, size));
  const idView = new Int32Array(buffer, ids, MAX_TOP);
  const valueView = new Float32Array(buffer, values, MAX_TOP);
  const sumView = new Float64Array(buffer, sums, 4);
  for (const row of [...rows, terms]) kernels.pad(row, size);

  const readTop = (row: number, count: number): RankedLogit[] => {
    const wanted = Math.min(count, size, MAX_TOP);
    const found = wanted > 0 ? kernels.top(row, size, wanted, ids, values) : 0;
    return Array.from({ length: found }, (_, i) => ({ id: idView[i]!, logit: valueView[i]! }));
  };
  return {
    size,
    row: (place: Place) => views[place]!,
    summarise(place) {
      const maximum = kernels.largest(rows[place], size);
      if (!Number.isFinite(maximum)) return undefined;
      const best = kernels.indexOf(rows[place], size, maximum);
      return { maximum, best, logSum: maximum + Math.log(kernels.sumExp(rows[place], size, maximum)) };
    },
    top: (place, count) => readTop(rows[place], count),
    draw: (place, { maximum }: RowSummary, temperature, uniform) =>
      kernels.draw(rows[place], size, maximum, Math.min(1 / temperature, MAX_INVERSE_TEMPERATURE), uniform),
    diverge(summaryP, summaryQ): RowDivergence {
      kernels.diverge(rows[0], rows[1], size, summaryP.logSum, summaryQ.logSum, terms, sums);
      const [forward, backward, entropyP, entropyQ] = sumView;
      return { forward: forward!, backward: backward!, entropyP: entropyP!, entropyQ: entropyQ! };
    },
    topContributions: (count) => readTop(terms, count),
  };
}

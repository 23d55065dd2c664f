/** Row arithmetic in plain JavaScript and float64: for engines without WebAssembly SIMD, and what the kernels are held against. */
import { MAX_TOP, type Place, type RankedLogit, type RowDivergence, type RowMath, type RowSummary } from './row-math.js';

/** @param size elements of a row */
export function createPlainRowMath(size: number): RowMath {
  const rows = [new Float32Array(size), new Float32Array(size)] as const;
  const terms = new Float64Array(size);
  return {
    size,
    row: (place: Place) => rows[place],
    summarise: (place) => summarise(rows[place]),
    top: (place, count) => findTop(rows[place], count),
    draw: (place, { maximum }, temperature, uniform) => draw(rows[place], maximum, temperature, uniform),
    diverge: (summaryP, summaryQ) => diverge(rows[0], rows[1], summaryP, summaryQ, terms),
    topContributions: (count) => findTop(terms, count),
  };
}

function summarise(row: Float32Array): RowSummary | undefined {
  let maximum = -Infinity;
  let best = -1;
  for (let i = 0; i < row.length; i++) {
    const x = row[i]!;
    if (Number.isNaN(x)) return undefined;
    if (x > maximum) {
      maximum = x;
      best = i;
    }
  }
  if (!Number.isFinite(maximum)) return undefined;
  let sum = 0;
  for (const x of row) sum += Math.exp(x - maximum);
  return { maximum, best, logSum: maximum + Math.log(sum) };
}

function findTop(row: Float32Array | Float64Array, wanted: number): RankedLogit[] {
  const count = Math.min(wanted, MAX_TOP);
  const ranked: RankedLogit[] = [];
  for (let id = 0; id < row.length; id++) {
    const logit = row[id]!;
    if (!(logit > (ranked.length < count ? -Infinity : (ranked.at(-1)?.logit ?? Infinity)))) continue;
    let place = ranked.length;
    while (place > 0 && ranked[place - 1]!.logit < logit) place--;
    ranked.splice(place, 0, { id, logit });
    if (ranked.length > count) ranked.pop();
  }
  return ranked;
}

function draw(row: Float32Array, maximum: number, temperature: number, uniform: number): number {
  const weight = (x: number): number => Math.exp((x - maximum) / temperature);
  let total = 0;
  for (const x of row) total += weight(x);
  let sum = 0;
  let last = 0;
  for (let id = 0; id < row.length; id++) {
    const w = weight(row[id]!);
    if (w === 0) continue;
    sum += w;
    last = id;
    if (sum > uniform * total) break;
  }
  return last;
}

function diverge(p: Float32Array, q: Float32Array, summaryP: RowSummary, summaryQ: RowSummary, terms: Float64Array): RowDivergence {
  let forward = 0;
  let backward = 0;
  let entropyP = 0;
  let entropyQ = 0;
  for (let i = 0; i < p.length; i++) {
    const lp = p[i]! - summaryP.logSum;
    const lq = q[i]! - summaryQ.logSum;
    const ep = Math.exp(lp);
    const eq = Math.exp(lq);
    // 0 · ∞ of a token that neither can say is nothing.
    const term = ep > 0 ? ep * (lp - lq) : 0;
    terms[i] = term;
    forward += term;
    if (eq > 0) backward += eq * (lq - lp);
    if (ep > 0) entropyP -= ep * lp;
    if (eq > 0) entropyQ -= eq * lq;
  }
  return { forward, backward, entropyP, entropyQ };
}

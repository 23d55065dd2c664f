// Arithmetic over one row of logits (one float32 a token of the vocabulary), in WebAssembly SIMD. AssemblyScript; built by
// esbuild.kernels.mjs. Elements are computed in float32, sums are kept in float64. A row starts at a multiple of 16 bytes and
// has room for the next multiple of 16 elements; `pad` fills that room with −∞, whose probability is exactly 0.

const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const LOG2_E: f32 = 1.44269504088896341;
const ROUNDER: f32 = 12582912;
/** e^x underflows float32 below this. */
const LOWEST: f32 = -87.3;

/** e^x for x ≤ 0, relative error below 2e-7; exactly 0 below −87.3. The polynomial is the one of the Cephes library's expf. */
@inline
function exp4(x: v128): v128 {
  const kept = f32x4.ge(x, f32x4.splat(LOWEST));
  const clamped = f32x4.max(x, f32x4.splat(LOWEST));
  // Adding 1.5 · 2^23 rounds to an integer, which then stands in the low bits.
  const rounded = f32x4.add(f32x4.mul(clamped, f32x4.splat(LOG2_E)), f32x4.splat(ROUNDER));
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.mul(f32x4.mul(p, r), r), f32x4.add(r, f32x4.splat(1)));
  const power = i32x4.add(i32x4.shl(rounded, 23), i32x4.splat(127 << 23));
  return v128.and(f32x4.mul(p, power), kept);
}

@inline
function sumLanes(a: v128): f64 {
  return f64(f32x4.extract_lane(a, 0)) + f64(f32x4.extract_lane(a, 1)) + f64(f32x4.extract_lane(a, 2)) + f64(f32x4.extract_lane(a, 3));
}

/** Makes sure that the memory holds so many bytes from 0 on; returns whether it does. */
export function reserve(bytes: i32): bool {
  const wanted = (bytes + 0xffff) >>> 16;
  const missing = wanted - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}

/** Fills the room behind a row of `count` elements. */
export function pad(row: usize, count: i32): void {
  const end = (count + 15) & ~15;
  for (let i = count; i < end; i++) store<f32>(row + (<usize>i << 2), -Infinity);
}

/** The largest element; NaN where one is. */
export function largest(row: usize, count: i32): f32 {
  const end = row + (<usize>((count + 15) & ~15) << 2);
  let a = f32x4.splat(-Infinity), b = a, c = a, d = a;
  for (let at = row; at < end; at += 64) {
    a = f32x4.max(a, v128.load(at));
    b = f32x4.max(b, v128.load(at, 16));
    c = f32x4.max(c, v128.load(at, 32));
    d = f32x4.max(d, v128.load(at, 48));
  }
  a = f32x4.max(f32x4.max(a, b), f32x4.max(c, d));
  return max(max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)), max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)));
}

/** The first index of an element with this value; −1 where there is none. */
export function indexOf(row: usize, count: i32, value: f32): i32 {
  const wanted = f32x4.splat(value);
  for (let i = 0; i < count; i += 4) {
    const equal = i32x4.bitmask(f32x4.eq(v128.load(row + (<usize>i << 2)), wanted));
    if (equal) {
      const index = i + ctz(equal);
      return index < count ? index : -1;
    }
  }
  return -1;
}

/** Σ e^(x − maximum): between 1 and the number of elements. */
export function sumExp(row: usize, count: i32, maximum: f32): f64 {
  const end = row + (<usize>((count + 15) & ~15) << 2);
  const m = f32x4.splat(maximum);
  let total: f64 = 0;
  let at = row;
  while (at < end) {
    // So few additions in float32 that their rounding stays below that of the terms.
    const stop = min(end, at + 64 * 16);
    let a = f32x4.splat(0), b = a, c = a, d = a;
    for (; at < stop; at += 64) {
      a = f32x4.add(a, exp4(f32x4.sub(v128.load(at), m)));
      b = f32x4.add(b, exp4(f32x4.sub(v128.load(at, 16), m)));
      c = f32x4.add(c, exp4(f32x4.sub(v128.load(at, 32), m)));
      d = f32x4.add(d, exp4(f32x4.sub(v128.load(at, 48), m)));
    }
    total += sumLanes(a) + sumLanes(b) + sumLanes(c) + sumLanes(d);
  }
  return total;
}

/**
 * The index of a token drawn from softmax(x · inverseTemperature): the first whose running sum of weights exceeds
 * `uniform` (from 0 to below 1) times their total.
 */
export function draw(row: usize, count: i32, maximum: f32, inverseTemperature: f32, uniform: f64): i32 {
  const target = uniform * runTo(row, count, maximum, inverseTemperature, Infinity);
  runTo(row, count, maximum, inverseTemperature, target);
  return stoppedAt;
}

let stoppedAt: i32 = 0;

/** Adds weights until their sum exceeds the target, and notes where; the total otherwise, and the last weight above 0. */
function runTo(row: usize, count: i32, maximum: f32, inverseTemperature: f32, target: f64): f64 {
  const m = f32x4.splat(maximum), inverse = f32x4.splat(inverseTemperature);
  let sum: f64 = 0;
  for (let i = 0; i < count; i += 4) {
    const weights = exp4(f32x4.mul(f32x4.sub(v128.load(row + (<usize>i << 2)), m), inverse));
    if (!v128.any_true(weights)) continue;
    for (let lane = 0; lane < 4; lane++) {
      const w = lane == 0 ? f32x4.extract_lane(weights, 0) : lane == 1 ? f32x4.extract_lane(weights, 1) : lane == 2 ? f32x4.extract_lane(weights, 2) : f32x4.extract_lane(weights, 3);
      if (w == 0) continue;
      sum += f64(w);
      stoppedAt = i + lane;
      if (sum > target) return sum;
    }
  }
  return sum;
}

/**
 * The `wanted` largest elements, largest first, equal ones in the order of their indices: indices (int32) at `ids`, values
 * (float32) at `values`. Returns how many there are; elements that are −∞ or NaN are none.
 */
export function top(row: usize, count: i32, wanted: i32, ids: usize, values: usize): i32 {
  let found = 0;
  let threshold: f32 = -Infinity;
  for (let i = 0; i < count; i += 4) {
    const above = i32x4.bitmask(f32x4.gt(v128.load(row + (<usize>i << 2)), f32x4.splat(threshold)));
    if (!above) continue;
    for (let lane = 0; lane < 4 && i + lane < count; lane++) {
      const value = load<f32>(row + (<usize>(i + lane) << 2));
      if (!(value > threshold)) continue;
      let place = found < wanted ? found++ : wanted - 1;
      while (place > 0 && load<f32>(values + (<usize>(place - 1) << 2)) < value) {
        store<f32>(values + (<usize>place << 2), load<f32>(values + (<usize>(place - 1) << 2)));
        store<i32>(ids + (<usize>place << 2), load<i32>(ids + (<usize>(place - 1) << 2)));
        place--;
      }
      store<f32>(values + (<usize>place << 2), value);
      store<i32>(ids + (<usize>place << 2), i + lane);
      if (found == wanted) threshold = load<f32>(values + (<usize>(wanted - 1) << 2));
    }
  }
  return found;
}

/**
 * Divergence of two rows P and Q, whose logprobs are x − shift. Writes four float64 at `out`: KL(P‖Q), KL(Q‖P), the entropies
 * of P and of Q (nats). Where `terms` is not 0, each token's p·(ln p − ln q) goes there as a row of float32.
 */
export function diverge(p: usize, q: usize, count: i32, shiftP: f64, shiftQ: f64, terms: usize, out: usize): void {
  const sp = f64x2.splat(shiftP), sq = f64x2.splat(shiftQ);
  const zero = f64x2.splat(0);
  let pq = zero, qp = zero, hp = zero, hq = zero;
  const end = (count + 15) & ~15;
  for (let i = 0; i < end; i += 4) {
    const at = <usize>i << 2;
    const x = v128.load(p + at), y = v128.load(q + at);
    for (let half = 0; half < 2; half++) {
      const lp = f64x2.sub(f64x2.promote_low_f32x4(half ? i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7) : x), sp);
      const lq = f64x2.sub(f64x2.promote_low_f32x4(half ? i8x16.shuffle(y, y, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7) : y), sq);
      const ep = f64x2.promote_low_f32x4(exp4(f32x4.min(f32x4.demote_f64x2_zero(lp), f32x4.splat(0))));
      const eq = f64x2.promote_low_f32x4(exp4(f32x4.min(f32x4.demote_f64x2_zero(lq), f32x4.splat(0))));
      const hasP = f64x2.gt(ep, zero), hasQ = f64x2.gt(eq, zero);
      const gap = f64x2.sub(lp, lq);
      // Without the masks, 0 · ∞ of a token that neither model can say would make the sum NaN.
      const term = v128.and(f64x2.mul(ep, gap), hasP);
      pq = f64x2.add(pq, term);
      qp = f64x2.sub(qp, v128.and(f64x2.mul(eq, gap), hasQ));
      hp = f64x2.sub(hp, v128.and(f64x2.mul(ep, lp), hasP));
      hq = f64x2.sub(hq, v128.and(f64x2.mul(eq, lq), hasQ));
      if (terms) v128.store64_lane(terms + at + (<usize>half << 3), f32x4.demote_f64x2_zero(term), 0);
    }
  }
  store<f64>(out, f64x2.extract_lane(pq, 0) + f64x2.extract_lane(pq, 1));
  store<f64>(out, f64x2.extract_lane(qp, 0) + f64x2.extract_lane(qp, 1), 8);
  store<f64>(out, f64x2.extract_lane(hp, 0) + f64x2.extract_lane(hp, 1), 16);
  store<f64>(out, f64x2.extract_lane(hq, 0) + f64x2.extract_lane(hq, 1), 24);
}

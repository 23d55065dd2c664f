/** Ticks of an axis. */

/** On a logarithmic axis: 1, 2, 5 of each decade; finer within one decade, coarser over many. */
export function logTicks(min: number, max: number): number[] {
  const decades = Math.log10(max / min);
  const steps = decades < 0.8 ? [1, 1.5, 2, 3, 4, 5, 6, 8] : decades < 2.5 ? [1, 2, 5] : decades < 4 ? [1, 3] : [1];
  const ticks: number[] = [];
  // Beyond these there is no number to put a tick at, and no end to counting towards it.
  const [least, most] = [Math.max(min, Number.MIN_VALUE), Math.min(max, Number.MAX_VALUE)];
  for (let exponent = Math.floor(Math.log10(least)); exponent <= Math.ceil(Math.log10(most)); exponent++) {
    for (const step of steps) {
      const tick = Number((step * 10 ** exponent).toPrecision(2));
      if (tick >= least && tick <= most) ticks.push(tick);
    }
  }
  return ticks;
}

/** On an axis that is linear around 0 and logarithmic far from it. */
export function asinhTicks(min: number, max: number): number[] {
  const far = Math.max(Math.abs(min), Math.abs(max), 1);
  const sizes = logTicks(1, far).filter((tick) => far < 1000 || Number.isInteger(Math.log10(tick)));
  return [...sizes.map((size) => -size).reverse(), 0, ...sizes].filter((tick) => tick >= min && tick <= max);
}

/** `20000` as `20k`. */
export function shortenTick(value: number): string {
  const size = Math.abs(value);
  let text = String(Number(size.toPrecision(4)));
  if (size >= 1e9) text = size.toExponential(0).replace('e+', 'e');
  else if (size >= 1e6) text = `${size / 1e6}M`;
  else if (size >= 1e4) text = `${size / 1e3}k`;
  return value < 0 ? `−${text}` : text;
}

/** Probabilities and how many times larger one is, for people. */

/** E.g. `93.1 %`, `0.021 %`, `4.2e-9 %`. */
export function describeProbability(logprob: number): string {
  const percent = Math.exp(logprob) * 100;
  if (percent >= 99.995) return '100 %';
  if (percent >= 99.95) return `${percent.toFixed(2)} %`;
  if (percent >= 1) return `${percent.toPrecision(3)} %`;
  if (percent >= 0.001) return `${Number(percent.toPrecision(2))} %`;
  return percent < 1e-12 ? '≈ 0 %' : `${percent.toExponential(1)} %`;
}

/** E.g. `3.2`, `446`, `1.2e+7`. */
export function describeFactor(times: number): string {
  if (!Number.isFinite(times)) return '10^308';
  if (times < 10) return times.toFixed(1);
  return times < 10_000 ? Math.round(times).toLocaleString('en-US') : times.toExponential(1);
}

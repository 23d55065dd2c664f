/**
 * The place where a completion gives itself away: the window of 8 F tokens with the highest mean gap. It finds one phrase
 * in a long text that a mean over all of it would drown.
 */

/** F tokens per window. */
export const PEAK_WINDOW = 8;

export interface Peak {
  /** Mean gap in nats per F token. */
  readonly gap: number;
  /** Range of units (tokens or segments) that it is the mean over. */
  readonly from: number;
  readonly to: number;
}

/**
 * The window of whole consecutive units with the highest gap per F token; the first of equals. A window has at least
 * {@link PEAK_WINDOW} F tokens and would have fewer without its first or without its last unit: with units of one token
 * these are exactly the windows of 8. Of a shorter text the only window is all of it. `null` of nothing.
 * @param gaps one per unit (a token, or a segment with the sum of its gaps), nats
 * @param tokens F tokens of each unit
 */
export function findPeak(gaps: readonly number[], tokens: readonly number[]): Peak | null {
  const units = gaps.length;
  if (units === 0) return null;
  let best: Peak | null = null;
  // Each window is summed anew: a running sum would carry rounding errors from one window to the next.
  const consider = (from: number, to: number): void => {
    let gap = 0;
    let count = 0;
    for (let k = from; k < to; k++) {
      gap += gaps[k]!;
      count += tokens[k]!;
    }
    if (best === null || gap / count > best.gap) best = { gap: gap / count, from, to };
  };
  let to = 0;
  let count = 0;
  for (let from = 0; from < units; from++) {
    while (to < units && count < PEAK_WINDOW) count += tokens[to++]!;
    if (count < PEAK_WINDOW) {
      if (from === 0) consider(0, units);
      break;
    }
    consider(from, to);
    count -= tokens[from]!;
  }
  // Windows that would have fewer without their first unit; those that would without their last, too, were seen above.
  let from = units;
  count = 0;
  for (let end = units; end > 0; end--) {
    while (from > 0 && count < PEAK_WINDOW) count += tokens[--from]!;
    if (count < PEAK_WINDOW) break;
    count -= tokens[end - 1]!;
    if (count >= PEAK_WINDOW) consider(from, end);
  }
  return best;
}

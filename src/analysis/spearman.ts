/** Rank correlation. */
import { AuditError } from '../audit/errors.js';

/**
 * Spearman's rho of two equally long lists of numbers: the product-moment correlation of their ranks, where equal values
 * share the mean of their ranks (C. Spearman, "The proof and measurement of association between two things", American
 * Journal of Psychology 15, 1904). `null` where it is undefined: fewer than two pairs, or a list of one value throughout.
 * @throws AuditError `internal` where the lists are not equally long
 */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length) throw new AuditError('internal', `A rank correlation needs pairs, not ${a.length} and ${b.length} values.`);
  const mean = (a.length + 1) / 2;
  const x = meanRanks(a).map((rank) => rank - mean);
  const y = meanRanks(b).map((rank) => rank - mean);
  const spread = Math.sqrt(dot(x, x) * dot(y, y));
  return spread === 0 ? null : dot(x, y) / spread;
}

/** Ranks from 1 in ascending order of the values; equals share the mean of the ranks that they take up. */
export function meanRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Array<number>(values.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let place = from; place < to; place++) ranks[order[place]!] = (from + 1 + to) / 2;
  }
  return ranks;
}

function dot(x: readonly number[], y: readonly number[]): number {
  return x.reduce((total, value, index) => total + value * y[index]!, 0);
}

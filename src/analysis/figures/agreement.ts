/** Agreement of two authors who judged the same completions: raw share and Cohen's kappa. */
import { FINDING_LABELS, type CompletionFinding, type FindingLabel } from '../finding.js';

export interface Agreement {
  /** Completions that both labelled. */
  readonly both: number;
  /** Share of them with the same label; `null` where there are none. */
  readonly observed: number | null;
  /** Cohen's kappa; `null` where it is undefined: nothing in common, or both gave one and the same label throughout. */
  readonly kappa: number | null;
  /** Of kappa, for large samples. */
  readonly standardError: number | null;
  /** Completions with different labels, ascending. */
  readonly disagreements: readonly number[];
}

/**
 * Cohen's kappa over the three labels, unweighted, on the completions that both labelled (J. Cohen, "A coefficient of
 * agreement for nominal scales", Educational and Psychological Measurement 20, 1960): κ = (pₒ − pₑ) ÷ (1 − pₑ). Its
 * standard error is the one for κ ≠ 0 (J. L. Fleiss, J. Cohen and B. S. Everitt, "Large sample standard errors of kappa
 * and weighted kappa", Psychological Bulletin 72, 1969):
 *
 *     n(1 − pₑ)²·SE² = Σᵢ pᵢᵢ(1 − (pᵢ. + p.ᵢ)(1 − κ))² + (1 − κ)²·Σᵢ≠ⱼ pᵢⱼ(p.ᵢ + pⱼ.)² − (κ − pₑ(1 − κ))²
 */
export function measureAgreement(a: ReadonlyMap<number, FindingLabel>, b: ReadonlyMap<number, FindingLabel>): Agreement {
  const size = FINDING_LABELS.length;
  const counts = FINDING_LABELS.map(() => new Array<number>(size).fill(0));
  const disagreements: number[] = [];
  let both = 0;
  for (const [id, label] of a) {
    const other = b.get(id);
    if (other === undefined) continue;
    both++;
    counts[FINDING_LABELS.indexOf(label)]![FINDING_LABELS.indexOf(other)]!++;
    if (other !== label) disagreements.push(id);
  }
  disagreements.sort((x, y) => x - y);
  const observed = both === 0 ? null : (both - disagreements.length) / both;
  return { both, observed, ...computeKappa(counts, both), disagreements };
}

function computeKappa(counts: readonly (readonly number[])[], total: number): Pick<Agreement, 'kappa' | 'standardError'> {
  const undefinedKappa = { kappa: null, standardError: null };
  if (total === 0) return undefinedKappa;
  const p = counts.map((row) => row.map((count) => count / total));
  const rows = p.map((row) => sum(row));
  const columns = p.map((_, j) => sum(p.map((row) => row[j]!)));
  if (rows.some((share, i) => share === 1 && columns[i] === 1)) return undefinedKappa;
  const observed = sum(p.map((row, i) => row[i]!));
  const expected = sum(rows.map((share, i) => share * columns[i]!));
  const kappa = (observed - expected) / (1 - expected);
  let variance = -((kappa - expected * (1 - kappa)) ** 2);
  for (const [i, row] of p.entries()) {
    for (const [j, share] of row.entries()) {
      variance += i === j ? share * (1 - (rows[i]! + columns[i]!) * (1 - kappa)) ** 2 : (1 - kappa) ** 2 * share * (columns[i]! + rows[j]!) ** 2;
    }
  }
  return { kappa, standardError: Math.sqrt(Math.max(variance, 0) / total) / (1 - expected) };
}

export interface AuthorsAgreement extends Agreement {
  readonly authors: readonly [string, string];
}

/** Every two authors are compared, so their number is bounded: those who labelled most. */
export const AUTHORS_AT_MOST = 40;

/** The agreement of every two authors who labelled a completion in common, by name; of {@link AUTHORS_AT_MOST} at most. */
export function compareAuthors(judgements: ReadonlyMap<number, readonly CompletionFinding[]>): AuthorsAgreement[] {
  const labels = new Map<string, Map<number, FindingLabel>>();
  for (const [id, list] of judgements) {
    for (const { author, label } of list) {
      const own = labels.get(author);
      if (own) own.set(id, label);
      else labels.set(author, new Map([[id, label]]));
    }
  }
  const most = [...labels].sort(([a, ofA], [b, ofB]) => ofB.size - ofA.size || (a < b ? -1 : 1)).slice(0, AUTHORS_AT_MOST);
  const authors = most.map(([author]) => author).sort();
  return authors
    .flatMap((first, index) =>
      authors.slice(index + 1).map((second): AuthorsAgreement => ({
        authors: [first, second],
        ...measureAgreement(labels.get(first)!, labels.get(second)!),
      })),
    )
    .filter(({ both }) => both > 0);
}

/** Completions about whose label authors disagree, ascending. */
export function findDisagreements(judgements: ReadonlyMap<number, readonly CompletionFinding[]>): number[] {
  return [...judgements]
    .filter(([, list]) => list.some(({ label }) => label !== list[0]!.label))
    .map(([id]) => id)
    .sort((a, b) => a - b);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Counts of completions that match the keyword sets: of the best ten, of the best hundred, of all. */
import { countKeywordsInSteps, type KeywordCounts, type Keywords, type KeywordText } from '../../analysis/keywords.js';
import type { Steps } from '../../text/slices.js';
import { NONE } from '../../text/numbers.js';
import type { ReportFraming, ReportKeywordCounts } from './report-content.js';

/**
 * Each framing on its own, any of the sets first, then set by set where there are several.
 * @param reference what the reference wrote itself, in all framings
 */
export function* countKeywordsByFraming(
  framings: readonly ReportFraming[],
  keywords: Keywords,
  reference: readonly KeywordText[],
): Steps<ReportKeywordCounts[]> {
  const rows: ReportKeywordCounts[] = [];
  if (keywords.sets.length === 0) return rows;
  for (const { framing, completions } of framings) {
    const report = yield* countKeywordsInSteps(
      keywords,
      completions,
      reference.filter((one) => one.framing === framing),
    );
    const any = listCounts(report.together);
    rows.push({ set: null, framing, counts: report.reference ? [...any, { among: 'the reference’s own', ...report.reference.together }] : any });
    if (keywords.sets.length === 1) continue;
    report.sets.forEach((counts, index) => rows.push({ set: keywords.sets[index]!.name, framing, counts: listCounts(counts) }));
  }
  return rows;
}

/** The columns of a table of counts, and what each row has in them; a row need not have all. */
export function tabulateCounts(rows: readonly ReportKeywordCounts[]): { columns: string[]; cells: (row: ReportKeywordCounts) => string[] } {
  const columns = [...new Set(rows.flatMap(({ counts }) => counts.map(({ among }) => among)))];
  const cells = ({ counts }: ReportKeywordCounts) =>
    columns.map((column) => {
      const found = counts.find(({ among }) => among === column);
      return found ? `${found.matching} of ${found.of}` : NONE;
    });
  return { columns, cells };
}

function listCounts({ top10, top100, all, of }: KeywordCounts): ReportKeywordCounts['counts'] {
  return [
    { among: 'top 10', matching: top10, of: Math.min(10, of) },
    { among: 'top 100', matching: top100, of: Math.min(100, of) },
    { among: 'all', matching: all, of },
  ];
}

/** Selects the completions that a report for readers shows in full, and says that there are more. */
import { countOf } from '../../text/numbers.js';
import type { ReportDetail, ReportedRank } from './report-content.js';

/** What is shown wherever it ranks. */
export const SHOWN_BELOW = 'those that are cited or have findings about passages';

export function isShown<T extends Pick<ReportedRank, 'detail'>>(completion: T): completion is T & { readonly detail: ReportDetail } {
  return completion.detail !== null;
}

/** @param top how many of the best are shown */
export function describeShown(completions: readonly ReportedRank[], top: number): string {
  const rest = completions.length - completions.filter(isShown).length;
  const count = countOf(completions.length, 'completion');
  return rest === 0 ? `${count}.` : `${count}; the best ${top} and ${SHOWN_BELOW} are shown, ${countOf(rest, 'other')} only counted.`;
}

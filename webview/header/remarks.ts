import { describeUncovered } from '../../src/audit/coverage.js';
import type { AuditOpenedParams } from '../../src/messages/page.js';
import type { PageState } from '../state/page-state.js';

/** What a reader of the audit must know: how much of its completions the reference scored, then the audit's own remarks. */
export function remarksOf(state: PageState, audit: AuditOpenedParams): readonly string[] {
  const { value: completions } = state.completions;
  const uncovered = describeUncovered(completions.filter(({ coverage }) => coverage !== undefined).length, completions.length);
  return uncovered === null ? audit.remarks : [uncovered, ...audit.remarks];
}

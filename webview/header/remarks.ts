import { describeUncovered } from '../../src/audit/coverage.js';
import type { AuditOpenedParams } from '../../src/messages/page.js';
import type { PageState } from '../state/page-state.js';

/** What a reader must know, that of the completions which are there first. */
export function remarksOf(state: PageState, audit: AuditOpenedParams): readonly string[] {
  const { value: completions } = state.completions;
  const uncovered = describeUncovered(completions.filter(({ coverage }) => coverage !== undefined).length, completions.length);
  return uncovered === null ? audit.remarks : [uncovered, ...audit.remarks];
}

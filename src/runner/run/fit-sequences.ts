/** How many completions advance together where memory has no room for as many as the plan says. */
import { AuditError } from '../../audit/errors.js';
import type { AuditPlan } from '../../audit/plan.js';

/**
 * Opens with half as many sequences, and half of these again, until there is room. What was found is in the plan that is journalled, and
 * holds for every resume: who else is in a wave shows in the last digits.
 * @throws AuditError `tooLargeForMemory` where there is no room for one; whatever opening rejects with
 */
export async function openFitting<T>(plan: AuditPlan, open: (plan: AuditPlan) => Promise<T>): Promise<T> {
  for (let fitted = plan; ; fitted = { ...fitted, waveSize: Math.floor(fitted.waveSize / 2) }) {
    try {
      return await open(fitted);
    } catch (error) {
      if (!(error instanceof AuditError && error.code === 'tooLargeForMemory') || fitted.waveSize <= 1) throw error;
    }
  }
}

export function describeFitting({ waveSize }: AuditPlan, asked: AuditPlan): string {
  return `Memory has room for ${waveSize === 1 ? 'one completion at a time' : `${waveSize} completions that advance together`}, not for ${asked.waveSize} as the plan says. A resumed audit keeps to it.`;
}

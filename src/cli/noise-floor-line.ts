/** What a noise floor says about a ranking, in one line. */
import type { CompletionRecord } from '../audit/completion.js';
import type { AuditSetup } from '../audit/events.js';
import type { Framing } from '../audit/framing.js';
import { scoreNoiseFloor, summariseNoiseFloor } from '../analysis/noise-floor.js';
import { NOISE, recordsOf } from '../audit/passes.js';
import type { Rankable } from '../audit/ranking.js';
import { SCORE_DEFINITIONS, type ScoreName } from '../audit/scores.js';
import { formatNumber } from './completion-text.js';

export interface MeasuredAudit {
  readonly setup: AuditSetup | null;
  readonly passes: ReadonlyMap<string, readonly CompletionRecord[]>;
}

/**
 * @param completions all of the audit's completions in the framing
 * @returns `null` where no completion of the noise floor has this score
 */
export function formatNoiseFloor({ setup, passes }: MeasuredAudit, completions: readonly Rankable[], framing: Framing, score: ScoreName): string | null {
  const records = recordsOf({ passes }, NOISE).filter((record) => record.framing === framing);
  const summary = summariseNoiseFloor(records.map(scoreNoiseFloor), score);
  if (!setup?.noiseModel || !summary) return null;
  const above = completions.filter(({ scores }) => (scores[score] ?? -Infinity) > summary.max).length;
  return (
    `noise floor (${setup.reference.name} against ${setup.noiseModel.name}, ${records.length} prefills): ` +
    `99 % of ${SCORE_DEFINITIONS[score].plural} at most ${formatNumber(summary.p99)}; ${above} completions of ${completions.length} above its maximum`
  );
}

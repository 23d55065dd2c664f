/** The line of the terminal that says how many completions are above the noise floor. */
import type { AuditSetup } from '../audit/events.js';
import type { Framing } from '../audit/framing.js';
import type { AuditAnalysis } from '../analysis/audit-analysis.js';
import { summariseNoiseFloor } from '../analysis/noise-floor.js';
import { NOISE } from '../audit/passes.js';
import type { Rankable } from '../audit/ranking.js';
import { SCORE_DEFINITIONS, type ScoreName } from '../audit/scores.js';
import { runAtOnce } from '../text/slices.js';
import { formatNumber } from './completion-text.js';

/**
 * @param completions all of the audit's completions in the framing
 * @returns `null` where no completion of the noise floor has this score
 */
export function formatNoiseFloor(
  setup: AuditSetup | null,
  analysis: AuditAnalysis,
  completions: readonly Rankable[],
  framing: Framing,
  score: ScoreName,
): string | null {
  const noise = runAtOnce(analysis.figures(NOISE)).filter((one) => one.framing === framing);
  const summary = summariseNoiseFloor(noise, score);
  if (!setup?.noiseModel || !summary) return null;
  const above = completions.filter(({ scores }) => (scores[score] ?? -Infinity) > summary.max).length;
  return (
    `noise floor (${setup.reference.name} against ${setup.noiseModel.name}, ${noise.length} prefills): ` +
    `99 % of ${SCORE_DEFINITIONS[score].plural} at most ${formatNumber(summary.p99)}; ${above} completions of ${completions.length} above its maximum`
  );
}

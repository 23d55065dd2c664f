/** Lines of the terminal about amplified writing: rungs, T, control, state. */
import { explainState, formatStrength } from '../audit/amplification.js';
import type { AmplificationLine } from '../records/journal/amplification-line.js';
import { formatNumber } from './completion-text.js';

/** One line a framing: each rung's T with the control's, and what that comes to. */
export function formatAmplification(lines: readonly AmplificationLine[]): string[] {
  return lines.map(({ framing, form, rungs, controls, chosen, state, ratio }) => {
    const controlAt = (strength: number) =>
      Math.max(...controls.flatMap((own) => own.rungs.filter((rung) => rung.strength === strength).map(({ t }) => t ?? -Infinity)));
    const ladder = rungs.map(({ strength, t }) => {
      const control = controlAt(strength);
      return `${formatStrength(form, strength)}: ${formatNumber(t)}${Number.isFinite(control) ? ` (control ${formatNumber(control)})` : ''}`;
    });
    const why = explainState(form, state);
    const ratioText = ratio === null ? '' : `, up to ${formatNumber(ratio)} times the control`;
    return `amplified ${framing}: ${state}${why === null ? '' : ` (${why})`}${ratioText}. T, the mean of the top tenth of standardised gaps, ${ladder.join(', ')}; ${chosen === null ? 'nothing was scored' : `written at ${formatStrength(form, chosen)}`}`;
  });
}

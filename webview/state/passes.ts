/** Passes as the page names them. */
import { explainState, formatStrength } from '../../src/audit/amplification.js';
import { AMPLIFIED, readRungPass } from '../../src/audit/amplify-plan.js';
import type { Framing } from '../../src/audit/framing.js';
import { PLAIN, REFERENCE } from '../../src/audit/passes.js';
import type { AuditPasses, FoundAmplification } from '../../src/messages/page.js';

/** What stands at text that the finetuned model did not write by itself. */
export interface PassMark {
  readonly word: string;
  readonly writer: 'reference' | 'amplified';
  readonly warning: string;
}

export const NO_LABELS = 'Labels, findings and citations are of what the finetuned model wrote by itself: show the plain pass to give them.';

/** A pass in the selector. */
export function namePassOption(name: string, passes: AuditPasses | null): string {
  if (name === PLAIN) return 'Plain';
  if (name === REFERENCE) return 'Reference wrote';
  if (name === AMPLIFIED) return 'Amplified, chosen strength';
  const rung = readRungPass(name);
  return rung ? `Amplified ${formatStrength(formOf(passes), rung.strength)}` : name;
}

/** `null` of the main pass. */
export function markPass(name: string, passes: AuditPasses | null): PassMark | null {
  const offer = passes?.offers.find((one) => one.name === name);
  if (name === PLAIN || (offer && offer.writer === 'finetuned')) return null;
  const writer = offer?.writer === 'reference' ? 'reference' : 'amplified';
  const rung = readRungPass(name);
  return {
    word: writer === 'reference' ? 'reference wrote' : rung ? `amplified ${formatStrength(formOf(passes), rung.strength)}` : 'amplified',
    writer,
    warning: offer?.warning ?? `Pass ${name}`,
  };
}

/** What the search for the strength came to in one framing: state, ratio and rungs with their control. */
export function describeFound({ framing, form, state, ratio, rungs, controls, chosen }: FoundAmplification): {
  readonly sentence: string;
  readonly rungs: string;
} {
  const control = (strength: number) =>
    Math.max(...controls.flatMap((own) => own.rungs.flatMap((rung) => (rung.strength === strength && rung.t !== null ? [rung.t] : []))));
  const ladder = rungs.map(
    ({ strength, t }) =>
      `${formatStrength(form, strength)}: T ${formatT(t)}${Number.isFinite(control(strength)) ? `, control ${formatT(control(strength))}` : ''}`,
  );
  const times = ratio === null ? (explainState(form, state) ?? 'no control was measured') : `T up to ${formatT(ratio)} times the control’s`;
  return {
    sentence: `${framing}: ${state}, ${times}${chosen === null ? '' : `, written at ${formatStrength(form, chosen)}`}`,
    rungs: `${framing}: ${ladder.join('; ')}`,
  };
}

/** Framings that the chosen pass has something of, in the audit's order. */
export function foundIn(passes: AuditPasses | null, framing: Framing | 'all'): readonly FoundAmplification[] {
  return (passes?.amplification ?? []).filter((found) => framing === 'all' || found.framing === framing);
}

function formOf(passes: AuditPasses | null): FoundAmplification['form'] {
  return passes?.amplification[0]?.form ?? 'adapter';
}

function formatT(value: number | null): string {
  return value === null ? 'none' : value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

/** The six questions before an audit. Enter six times gives a sensible one. */
import type { AuditChoices } from './choices.js';
import { chooseFramings, type FindFramingRefusals } from './choose-framings.js';
import { chooseFinetuned, chooseReference, type ModelHelp } from './choose-model.js';
import { chooseNoiseFloor } from './choose-noise-floor.js';
import { choosePrefillSource } from './choose-prefill-source.js';
import { chooseSize, type EstimateSizes } from './choose-size.js';
import { askInSteps } from '../editor/multi-step.js';

export interface WizardHelp extends ModelHelp {
  readonly estimateSizes: EstimateSizes;
  readonly findFramingRefusals: FindFramingRefusals;
}

/** Resolves to undefined when the user gave up. */
export async function askAudit(help: WizardHelp): Promise<AuditChoices | undefined> {
  const { recent, estimateSizes, findFramingRefusals } = help;
  const answers = await askInSteps<Partial<AuditChoices>>(
    [
      chooseFinetuned(help),
      chooseReference(help),
      chooseNoiseFloor(help),
      choosePrefillSource(recent),
      chooseSize(recent, estimateSizes),
      chooseFramings(recent, findFramingRefusals),
    ],
    {},
  );
  return answers as AuditChoices | undefined;
}

/** The five questions before an audit. Enter five times gives a sensible one. */
import type { Endpoints } from '../endpoints/endpoints.js';
import type { AuditChoices } from './choices.js';
import { chooseFramings, type FindFramingRefusals } from './choose-framings.js';
import { chooseFinetuned, chooseReference } from './choose-model.js';
import { choosePrefillSource } from './choose-prefill-source.js';
import { chooseSize, type EstimateSizes } from './choose-size.js';
import { askInSteps } from './multi-step.js';
import type { RecentChoices } from './recent-choices.js';

export interface WizardHelp {
  readonly recent: RecentChoices;
  readonly estimateSizes: EstimateSizes;
  readonly findFramingRefusals: FindFramingRefusals;
  readonly endpoints: Endpoints;
}

/** Resolves to undefined when the user gave up. */
export async function askAudit({ recent, estimateSizes, findFramingRefusals, endpoints }: WizardHelp): Promise<AuditChoices | undefined> {
  const answers = await askInSteps<Partial<AuditChoices>>(
    [
      chooseFinetuned(recent, endpoints),
      chooseReference(recent, endpoints),
      choosePrefillSource(recent),
      chooseSize(recent, estimateSizes, endpoints),
      chooseFramings(recent, findFramingRefusals),
    ],
    {},
  );
  return answers as AuditChoices | undefined;
}

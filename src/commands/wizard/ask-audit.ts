/** The five questions before an audit. Enter five times gives a sensible one. */
import type { AuditChoices } from './choices.js';
import { chooseFramings, type FindChatTemplate } from './choose-framings.js';
import { chooseFinetuned, chooseReference } from './choose-model.js';
import { choosePrefillSource } from './choose-prefill-source.js';
import { chooseSize, type EstimateSizes } from './choose-size.js';
import { askInSteps } from './multi-step.js';
import type { RecentChoices } from './recent-choices.js';

export interface WizardHelp {
  readonly recent: RecentChoices;
  readonly estimateSizes: EstimateSizes;
  readonly findChatTemplate: FindChatTemplate;
}

/** Resolves to undefined when the user gave up. */
export async function askAudit({ recent, estimateSizes, findChatTemplate }: WizardHelp): Promise<AuditChoices | undefined> {
  const answers = await askInSteps<Partial<AuditChoices>>(
    [
      chooseFinetuned(recent),
      chooseReference(recent),
      choosePrefillSource(recent),
      chooseSize(recent, estimateSizes),
      chooseFramings(recent, findChatTemplate),
    ],
    {},
  );
  return answers as AuditChoices | undefined;
}

/** `finetuneAuditor.audit`: five questions, then the audit. */
import { readSettings } from '../views/settings.js';
import type { CommandSignatures } from './command-ids.js';
import { makeEstimateSizes } from './estimate-sizes.js';
import { makeFindFramingRefusals } from './find-framing-refusals.js';
import { runAudit } from './run-audit.js';
import type { Services } from './services.js';
import { askAudit } from './wizard/ask-audit.js';
import { makePlan } from './wizard/choices.js';

export function makeAuditCommand(services: Services): CommandSignatures['finetuneAuditor.audit'] {
  return async () => {
    const { recent, endpoints } = services;
    const choices = await askAudit({
      recent,
      estimateSizes: makeEstimateSizes(services),
      findFramingRefusals: makeFindFramingRefusals(services),
      endpoints,
    });
    if (!choices) return undefined;
    await recent.remember(choices);
    return runAudit(services, makePlan(choices, readSettings().waveSize));
  };
}

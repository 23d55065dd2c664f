/** `finetuneAuditor.audit`: six questions, then the audit. */
import { resolveBundledModel } from '../records/plan/bundled.js';
import { readSettings } from '../editor/settings.js';
import type { CommandSignatures } from './command-ids.js';
import { makeEstimateSizes } from './estimate-sizes.js';
import { makeFindFramingRefusals } from './find-framing-refusals.js';
import { startAudit } from './start-audit.js';
import type { Services } from './services.js';
import { askAudit } from '../wizard/ask-audit.js';
import { makePlan } from '../wizard/choices.js';

/** Checking files asks for an estimate, of which only the checks matter here. */
const SMALLEST_SHAPE = { waveSize: 1, contextTokens: 64 };

export function makeAuditCommand(services: Services): CommandSignatures['finetuneAuditor.audit'] {
  return async () => {
    const { recent, endpoints, models, mediaFolder } = services;
    const choices = await askAudit({
      recent,
      estimateSizes: makeEstimateSizes(services),
      findFramingRefusals: makeFindFramingRefusals(services),
      endpoints,
      check: async (source) => void (await models.estimateMemory([await resolveBundledModel(source, mediaFolder)], SMALLEST_SHAPE)),
      inspect: (paths, signal) => models.inspect(paths, signal),
    });
    if (!choices) return undefined;
    // What turns out to be unusable only when it is loaded is not offered again either.
    return startAudit(services, makePlan(choices, readSettings().waveSize), 'user', () => void recent.remember(choices));
  };
}

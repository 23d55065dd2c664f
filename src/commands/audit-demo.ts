/** `finetuneAuditor.auditDemo`: a bundled organism against its base, quick, without a question. */
import { AuditError } from '../audit/errors.js';
import { AUDIT_SIZES, PLAN_DEFAULTS } from '../audit/plan.js';
import { readSettings } from '../editor/settings.js';
import type { CommandSignatures } from './command-ids.js';
import { startAudit } from './start-audit.js';
import type { Services } from './services.js';
import { DEFAULT_SIZE, makePlan } from '../wizard/choices.js';
import { DEMO_CORPUS, DEMO_NAMES, DEMO_REFERENCE, makeDemoSource } from '../wizard/demo-models.js';

export function makeAuditDemoCommand(services: Services): CommandSignatures['finetuneAuditor.auditDemo'] {
  return async (name) => {
    const demo = name === undefined ? DEMO_NAMES[0] : DEMO_NAMES.find((known) => known === name);
    if (!demo) throw new AuditError('fileNotFound', `There is no demonstration model ${String(name)}. There are: ${DEMO_NAMES.join(', ')}.`);
    const choices = {
      finetuned: makeDemoSource(demo),
      reference: DEMO_REFERENCE,
      prefillSource: { corpus: [DEMO_CORPUS] },
      size: { prefills: AUDIT_SIZES.quick, ...DEFAULT_SIZE },
      framings: PLAN_DEFAULTS.framings,
    };
    return startAudit(services, makePlan(choices, readSettings().waveSize), 'user');
  };
}

/** R writes from the audit's openings, F and R score: what R would have said where F was asked. */
import { AuditError } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import { REFERENCE } from '../../audit/passes.js';
import type { AuditPlan } from '../../audit/plan.js';
import type { Journal } from '../../records/journal/journal-reader.js';
import { completePass, type Run } from './pass-run.js';

/**
 * Both score by a forward pass, so that a completion has no other logprobs than another text would have.
 * @throws AuditError as {@link completePass} does
 */
export async function letReferenceWrite(run: Run, plan: AuditPlan, setup: AuditSetup, journal: Journal | null): Promise<void> {
  run.status.beginPass(REFERENCE);
  const writer = { model: run.models!.reference, frames: 'reference' as const };
  await completePass(run, { name: REFERENCE, plan: { ...plan, finetunedLogprobs: 'forward' }, setup, journal, writer });
}

/** @throws AuditError `cannotScore` where the two have different tokenizers */
export function requireOneTokenizer(plan: AuditPlan, { sameTokenizer, finetuned, reference }: AuditSetup): void {
  if (!plan.referencePass || sameTokenizer) return;
  throw new AuditError(
    'cannotScore',
    `${finetuned.name} and ${reference.name} have different tokenizers, so ${finetuned.name} cannot score what ${reference.name} writes token by token. Leave the reference pass out.`,
  );
}

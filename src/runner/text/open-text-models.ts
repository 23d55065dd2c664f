/** The two models of an audit, opened to score texts. */
import { AuditError } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import type { AuditPlan } from '../../audit/plan.js';
import { mayNeedOwnTokens } from '../../audit/same-tokenizer.js';
import type { ModelProvider } from '../../models/provider.js';
import { resolveBundledModel } from '../../records/plan/bundled.js';
import { contextTokensFor, OpenModels } from '../run/open-models.js';
import { requireSameModel } from '../run/resume-check.js';
import { requireScoring } from './score-text.js';

/** A stretch of text and what stands before it. */
const SHAPE = { waveSize: 1, prefillTokens: 0, maxTokens: 300 };
const NO_COMPARISON = "Its gaps would not be those of the audit's model: put the former file back, or choose another audit.";

export interface TextModels {
  readonly models: OpenModels;
  /** Tokens that each has room for. */
  readonly contextTokens: number;
}

/**
 * Opens the very models that an audit was made with. They stay loaded until they have been idle for a while.
 * @param mediaFolder where `bundled:` models lie
 * @throws AuditError what opening a model throws; `badJournal` where the audit has none, or a file is no longer the
 * audit's; `cannotScore`; `cancelled`
 */
export async function openTextModels(
  provider: ModelProvider,
  mediaFolder: string,
  { setup, plan }: { readonly setup: AuditSetup | null; readonly plan: AuditPlan },
  signal: AbortSignal,
): Promise<TextModels> {
  if (!setup) throw new AuditError('badJournal', `${plan.name} has not loaded its models yet. Wait for its first completion, or choose another audit.`);
  const [finetuned, reference] = await Promise.all([resolveBundledModel(plan.finetuned, mediaFolder), resolveBundledModel(plan.reference, mediaFolder)]);
  const models = await OpenModels.open(provider, { plan: { ...SHAPE, finetuned, reference }, allowDownload: false }, signal);
  try {
    requireSameModel('finetuned', setup.finetuned, models.finetuned.identity, NO_COMPARISON);
    requireSameModel('reference', setup.reference, models.reference.identity, NO_COMPARISON);
    requireScoring(models.finetuned);
    requireScoring(models.reference);
    if (mayNeedOwnTokens(setup)) await models.growReference(signal);
    return { models, contextTokens: contextTokensFor(SHAPE, SHAPE.prefillTokens) };
  } catch (error) {
    models.release();
    throw error;
  }
}

/** A plan's fields as lines for people. */
import { l10n } from 'vscode';
import type { AuditPlan, ModelSource } from '../audit/plan.js';
import type { AuditOpenedParams } from '../messages/page.js';

export function describePlan(plan: AuditPlan): AuditOpenedParams['planFacts'] {
  const { prefillFile } = plan;
  return [
    { name: l10n.t('Finetuned model'), value: describeSource(plan.finetuned) },
    { name: l10n.t('Reference model'), value: describeSource(plan.reference) },
    prefillFile === undefined
      ? { name: l10n.t('Corpus'), value: plan.corpus.join(', ') }
      : { name: l10n.t('Prefills from'), value: prefillFile },
    { name: l10n.t('Prefills'), value: l10n.t('{0} of {1} tokens', plan.prefills.toLocaleString(), plan.prefillTokens) },
    { name: l10n.t('Framings'), value: plan.framings.join(', ') },
    { name: l10n.t('System text'), value: plan.system === '' ? l10n.t('none') : plan.system },
    { name: l10n.t('User text'), value: plan.user },
    { name: l10n.t('New tokens at most'), value: String(plan.maxTokens) },
    { name: l10n.t('Temperature'), value: plan.temperature === 0 ? l10n.t('0 (greedy)') : String(plan.temperature) },
    { name: l10n.t('Seed'), value: String(plan.seed) },
    { name: l10n.t('Wave size'), value: String(plan.waveSize) },
    { name: l10n.t("F's logprobs from"), value: plan.finetunedLogprobs },
    ...(plan.noiseFloor
      ? [{ name: l10n.t('Noise floor'), value: l10n.t('{0}, {1} prefills', describeSource(plan.noiseFloor.model), plan.noiseFloor.prefills.toLocaleString()) }]
      : []),
  ];
}

function describeSource(source: ModelSource): string {
  return [source.gguf, ...source.lora.map(({ path, scale }) => (scale === 1 ? path : `${path} × ${scale}`))].join(' + ');
}

/** A plan's fields, and what became of it, as lines for people. */
import { l10n } from 'vscode';
import { formatEndpoint, isEndpoint, type AuditPlan, type ModelSource } from '../audit/plan.js';
import type { AuditOpenedParams } from '../messages/page.js';
import { formatAccount } from '../models/api/transport/account.js';
import type { ReadImportedAudit } from '../records/import/imported-audit.js';
import type { RequestAccountLine } from '../records/journal/journal-format.js';
import { listDestinations } from '../runner/servers/destinations.js';
import { sumRequests } from '../runner/servers/server-requests.js';

/** @param requests what was asked of servers, run by run */
export function describePlan(plan: AuditPlan, requests: readonly RequestAccountLine[]): AuditOpenedParams['planFacts'] {
  const { prefillFile } = plan;
  const turns = plan.framings.some((framing) => framing !== 'raw');
  return [
    { name: l10n.t('Finetuned model'), value: describeSource(plan.finetuned) },
    { name: l10n.t('Reference model'), value: describeSource(plan.reference) },
    prefillFile === undefined
      ? { name: l10n.t('Corpus'), value: plan.corpus.join(', ') }
      : { name: l10n.t('Prefills from'), value: prefillFile },
    { name: l10n.t('Prefills'), value: l10n.t('{0} of {1} tokens', plan.prefills.toLocaleString(), plan.prefillTokens) },
    { name: l10n.t('Framings'), value: plan.framings.join(', ') },
    ...(turns ? [{ name: l10n.t('System text'), value: plan.system === '' ? l10n.t('none') : plan.system }] : []),
    ...(plan.framings.includes('chat') ? [{ name: l10n.t('User text'), value: plan.user }] : []),
    ...(plan.framings.includes('ask') ? [{ name: l10n.t('User text (ask)'), value: plan.ask }] : []),
    { name: l10n.t('New tokens at most'), value: String(plan.maxTokens) },
    { name: l10n.t('Temperature'), value: plan.temperature === 0 ? l10n.t('0 (greedy)') : String(plan.temperature) },
    { name: l10n.t('Seed'), value: String(plan.seed) },
    { name: l10n.t('Wave size'), value: String(plan.waveSize) },
    { name: l10n.t("F's logprobs from"), value: plan.finetunedLogprobs },
    ...(plan.amplify === undefined
      ? []
      : [{ name: l10n.t('Amplified writing'), value: l10n.t('{0}; kept apart: its text is a lead, never the words of the finetuned model', plan.amplify) }]),
    ...(plan.referencePass ? [{ name: l10n.t('Reference pass'), value: l10n.t('the reference writes, too, from all openings; the verdict compares with it where there is no noise floor') }] : []),
    ...(plan.divergence ? [{ name: l10n.t('Divergence'), value: l10n.t('KL both ways at every token') }] : []),
    ...(plan.noiseFloor
      ? [{ name: l10n.t('Noise floor'), value: l10n.t('{0}, {1} prefills', describeSource(plan.noiseFloor.model), plan.noiseFloor.prefills.toLocaleString()) }]
      : []),
    ...describeDestinations(plan),
    ...sumRequests(requests).map(({ role, ...account }) => ({ name: l10n.t('Requests: {0}', role), value: formatAccount(account) })),
  ];
}

/** What an imported audit says of itself. */
export function describeImport({ header }: ReadImportedAudit): AuditOpenedParams['planFacts'] {
  const { imported, createdAt, facts } = header;
  return [
    { name: l10n.t('Imported from'), value: imported.file },
    { name: l10n.t('SHA-256 of the file'), value: imported.sha256 },
    { name: l10n.t('Imported'), value: new Date(createdAt).toLocaleString() },
    ...facts,
  ];
}

function describeDestinations(plan: AuditPlan): AuditOpenedParams['planFacts'] {
  const hosts = listDestinations(plan).map(({ host, receives }) => `${host} (${receives.join('; ')})`);
  return hosts.length === 0 ? [] : [{ name: l10n.t('Texts went to'), value: hosts.join(' · ') }];
}

function describeSource(source: ModelSource): string {
  if (isEndpoint(source)) return formatEndpoint(source);
  return [source.gguf, ...source.lora.map(({ path, scale }) => (scale === 1 ? path : `${path} × ${scale}`))].join(' + ');
}

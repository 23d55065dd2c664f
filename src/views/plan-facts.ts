/** A plan's fields, and what became of it, as lines for people. */
import { l10n } from 'vscode';
import type { AuditPlan } from '../audit/plan.js';
import type { AuditOpenedParams } from '../messages/page.js';
import { formatAccount } from '../models/api/transport/account.js';
import type { ReadImportedAudit } from '../records/import/imported-audit.js';
import { describePlan } from '../records/report/describe-plan.js';
import type { RequestAccountLine } from '../records/journal/journal-format.js';
import { listDestinations } from '../runner/servers/destinations.js';
import { sumRequests } from '../runner/servers/server-requests.js';

/** @param requests what was asked of servers, run by run */
export function describePlanFacts(plan: AuditPlan, requests: readonly RequestAccountLine[]): AuditOpenedParams['planFacts'] {
  return [
    ...describePlan(plan, (text, ...values) => l10n.t(text, ...values)),
    ...describeDestinations(plan),
    ...sumRequests(requests).map(({ role, ...account }) => ({ name: l10n.t('Requests: {0}', role), value: formatAccount(account) })),
  ];
}

/** What an imported audit says of itself. */
export function describeImportFacts({ header }: ReadImportedAudit): AuditOpenedParams['planFacts'] {
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

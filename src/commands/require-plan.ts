/** The plan of an audit, where a command needs one: refused of an imported audit. */
import { l10n } from 'vscode';
import type { AuditPlan } from '../audit/plan.js';
import { AuditError } from '../audit/errors.js';
import type { AuditSession } from '../runner/run/audit-session.js';

/** @throws AuditError `badPlan` of an imported audit */
export function requirePlan({ plan, imported }: Pick<AuditSession, 'plan' | 'imported'>): AuditPlan {
  if (plan) return plan;
  throw new AuditError(
    'badPlan',
    l10n.t('This audit was imported from {0}: it has no plan and no models, only the texts and scores in the file.', imported!.header.imported.file),
  );
}

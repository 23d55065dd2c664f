/** Refuses a command on an imported audit where the command needs the plan of a run. */
import { l10n } from 'vscode';
import { AuditError } from '../audit/errors.js';
import type { AuditSession } from '../runner/run/audit-session.js';

/** @throws AuditError `badPlan` of an imported audit */
export function requirePlan({ imported }: Pick<AuditSession, 'imported'>): void {
  if (!imported) return;
  throw new AuditError(
    'badPlan',
    l10n.t('This audit was imported from {0}: it has no plan and no models, only the texts and scores in the file.', imported.header.imported.file),
  );
}

/** Model files and plans of a workspace that the user does not trust are not opened. */
import { l10n, workspace } from 'vscode';
import { AuditError } from '../audit/errors.js';

/** @throws AuditError in Restricted Mode */
export function requireTrust(): void {
  if (workspace.isTrusted) return;
  throw new AuditError('internal', l10n.t('This loads model files, which needs a trusted workspace. Trust it, then try again.'));
}

/** Model files and plans of a workspace that the user does not trust are not opened. */
import { l10n, workspace } from 'vscode';

/** Something needs a trusted workspace; the message says what. */
export class WorkspaceNotTrusted extends Error {
  override readonly name = 'WorkspaceNotTrusted';
}

/** @throws WorkspaceNotTrusted in Restricted Mode */
export function requireTrust(): void {
  if (workspace.isTrusted) return;
  throw new WorkspaceNotTrusted(l10n.t('This loads model files or sends requests to servers, which needs a trusted workspace. Trust it, then try again.'));
}

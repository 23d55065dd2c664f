/** What is saved goes where the dialog said, and nowhere else. */
import { lstat } from 'node:fs/promises';
import { AuditError } from '../audit/errors.js';

/**
 * Dialogs suggest names that anybody can foresee: a folder that somebody sent may hold a link of that name, which leads to a file of the user.
 * @param target where a file is to be written; what is on no disk of this machine has no links
 * @throws AuditError `refused` where it is a link
 */
export async function requireNoLink(target: { readonly scheme: string; readonly fsPath: string }): Promise<void> {
  if (target.scheme !== 'file') return;
  const stats = await lstat(target.fsPath).catch(() => null);
  if (stats?.isSymbolicLink() !== true) return;
  throw new AuditError('refused', `${target.fsPath} is a link, and what is saved would go where it leads. Choose another name, or delete the link first.`);
}

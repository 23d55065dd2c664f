/** Puts amplified completions of an open audit to its finetuned model, for the page. */
import { l10n } from 'vscode';
import { AuditError } from '../audit/errors.js';
import { confirmAmplified, type ConfirmOutcome } from '../runner/run/confirm-amplified.js';
import type { AuditSession } from '../runner/run/audit-session.js';
import { CONFIRM_FIRST } from '../messages/confirmation.js';
import type { ConfirmQuestion } from '../views/results/page-confirmations.js';
import { requirePlan } from './require-plan.js';
import { requireTrust } from './require-trust.js';
import type { Services } from './services.js';

/** Folders of audits whose amplified text is put to F by this window now. */
export type Confirming = Set<string>;

/**
 * What F says is in the journal, and told to the session, completion by completion.
 * @throws AuditError `refused` while the audit runs or is asked about already; as `confirmAmplified` does
 */
export async function confirmInSession(
  { models, mediaFolder, queue, confirming }: Pick<Services, 'models' | 'mediaFolder' | 'queue' | 'confirming'>,
  session: AuditSession,
  { pass, id, first = CONFIRM_FIRST, question }: ConfirmQuestion,
  onProgress: (message: string) => void,
  signal: AbortSignal,
): Promise<ConfirmOutcome> {
  requireTrust();
  requirePlan(session);
  const { folder } = session;
  if (queue.sessions.some((other) => other.folder === folder)) {
    throw new AuditError('refused', l10n.t('This audit is still to run: what it wrote amplified can be confirmed when it has ended.'));
  }
  if (confirming.has(folder)) {
    throw new AuditError('refused', l10n.t('Completions of this audit are being put to the finetuned model already. Wait until that has ended, or stop it.'));
  }
  confirming.add(folder);
  try {
    const which = id === undefined ? { first } : { id };
    return await confirmAmplified(
      { folder, pass, which, allowDownload: false, ...(question !== undefined && { question }) },
      { models, mediaFolder },
      { onProgress, onConfirmation: (confirmation, name) => session.addConfirmation(confirmation, name) },
      signal,
    );
  } finally {
    confirming.delete(folder);
  }
}

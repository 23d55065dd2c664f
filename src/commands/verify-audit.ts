/** `finetuneAuditor.verifyAudit`: an audit's checksums, and some of its completions written and scored again, as a document. */
import { randomInt } from 'node:crypto';
import { basename } from 'node:path';
import { l10n, ProgressLocation } from 'vscode';
import { AuditError } from '../audit/errors.js';
import { readAudit } from '../records/journal/audit-folder.js';
import { escapeMarkdown } from '../records/report/markdown-text.js';
import { describeVerification } from '../runner/run/describe-verification.js';
import { verifyAudit, type Verification } from '../runner/run/verify-audit.js';
import { showAuditDocument } from '../views/audit-documents.js';
import { withProgress } from '../editor/shown/messages.js';
import type { CommandSignatures } from './command-ids.js';
import { confirmRun } from './confirm-run.js';
import { pickAudit } from './pick-audit.js';
import { requireTrust } from './require-trust.js';
import type { Services } from './services.js';

/** Each takes the whole wave that it was written in. */
const COMPLETIONS = 8;

/** The command throws AuditError `refused` while the audit is to run; as `verifyAudit` does. */
export function makeVerifyAuditCommand(services: Services): CommandSignatures['finetuneAuditor.verifyAudit'] {
  return async (folder) => {
    requireTrust();
    const chosen = folder ?? services.panels.active?.folder ?? (await pickAudit(services, l10n.t('Which audit should be verified?')));
    if (chosen === undefined) return undefined;
    if (services.queue.sessions.some((session) => session.folder === chosen)) {
      throw new AuditError('refused', l10n.t('This audit is still to run. Verify it when it has ended.'));
    }
    // An imported audit has none: its lines are checked, and that is all.
    const { plan } = await readAudit(chosen);
    const permission = plan ? await confirmRun(services, plan, { chosenBy: 'file', drawsOpenings: false }) : { allowDownload: false };
    if (!permission) return undefined;
    const options = { location: ProgressLocation.Notification, title: l10n.t('Verifying the audit'), cancellable: true };
    const verification = await withProgress(options, async (progress, cancellation) => {
      const abort = new AbortController();
      const listener = cancellation.onCancellationRequested(() => abort.abort());
      try {
        return await verifyAudit(
          { folder: chosen, plan, completions: COMPLETIONS, seed: randomInt(2 ** 32), ...permission },
          { models: services.models, mediaFolder: services.mediaFolder, toolVersion: __TOOL_VERSION__ },
          (message) => progress.report({ message }),
          abort.signal,
        );
      } finally {
        listener.dispose();
      }
    });
    await showAuditDocument(l10n.t('Verification of {0}', basename(chosen)), chosen, formatMarkdown(verification));
    return verification;
  };
}

function formatMarkdown(verification: Verification): string {
  const { answer, sections } = describeVerification(verification);
  const parts = sections.map(({ title, lines }) => [`## ${title}`, ...lines.map((line) => `- ${escapeMarkdown(line)}`)].join('\n'));
  return [`**${escapeMarkdown(answer)}**`, ...parts, ''].join('\n\n');
}

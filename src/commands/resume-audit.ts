/** `finetuneAuditor.resumeAudit`: goes on where an audit was stopped or cut off. */
import { l10n } from 'vscode';
import type { CommandSignatures } from './command-ids.js';
import { pickAudit } from './pick-audit.js';
import { resumeAudit } from './start-audit.js';
import type { Services } from './services.js';

export function makeResumeAuditCommand(services: Services): CommandSignatures['finetuneAuditor.resumeAudit'] {
  return async (folder) => {
    const front = services.panels.active;
    const inFront = front?.status.canResume ? front.folder : undefined;
    const chosen = folder ?? inFront ?? (await pickAudit(services, l10n.t('Which audit should be resumed?'), { unfinished: true }));
    return chosen === undefined ? undefined : resumeAudit(services, chosen);
  };
}

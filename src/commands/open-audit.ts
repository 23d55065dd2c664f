/** `finetuneAuditor.openAudit`: the page of an audit of this workspace. */
import { l10n } from 'vscode';
import type { CommandSignatures } from './command-ids.js';
import { pickAudit } from './pick-audit.js';
import type { Services } from './services.js';

export function makeOpenAuditCommand(services: Services): CommandSignatures['finetuneAuditor.openAudit'] {
  return async (folder) => {
    const chosen = folder ?? (await pickAudit(services, l10n.t('Which audit should be opened?')));
    if (chosen !== undefined) await services.panels.show(chosen);
  };
}

/** `finetuneAuditor.savePlan`: a plan file from an audit, or from what was chosen last. */
import { join } from 'node:path';
import { l10n, Uri, window, workspace } from 'vscode';
import type { AuditPlan } from '../audit/plan.js';
import { makeSlug } from '../records/journal/audit-folder.js';
import { PLAN_FILE_SUFFIX, writePlanFile } from '../records/plan/plan-file.js';
import { requireNoLink } from '../editor/chosen-file.js';
import { readSettings } from '../editor/settings.js';
import type { CommandSignatures } from './command-ids.js';
import { pickAudit } from './pick-audit.js';
import { requirePlan } from './require-plan.js';
import type { Services } from './services.js';
import { makePlan } from '../wizard/choices.js';

export function makeSavePlanCommand(services: Services): CommandSignatures['finetuneAuditor.savePlan'] {
  return async (folder) => {
    const plan = await findPlan(services, folder);
    if (!plan) return undefined;
    const uri = await window.showSaveDialog({
      title: l10n.t('Save audit plan'),
      defaultUri: Uri.file(join(services.auditsRoot(), makeSlug(plan.name) + PLAN_FILE_SUFFIX)),
      filters: { [l10n.t('Audit plan')]: ['audit-plan.json'] },
    });
    if (!uri) return undefined;
    await requireNoLink(uri);
    await writePlanFile(uri.fsPath, plan);
    await window.showTextDocument(await workspace.openTextDocument(uri));
    return uri;
  };
}

/** Of the named audit, the one in front, the last choices, or one that is asked for: the first that there is. */
async function findPlan(services: Services, folder: string | undefined): Promise<AuditPlan | undefined> {
  const { panels, recent, audits } = services;
  if (folder === undefined && panels.active) return requirePlan(panels.active);
  const last = recent.last();
  if (folder === undefined && last) return makePlan(last, readSettings().waveSize);
  const chosen = folder ?? (await pickAudit(services, l10n.t("Which audit's plan should be saved?")));
  if (chosen === undefined) return undefined;
  const lease = await audits.open(chosen);
  lease.release();
  return requirePlan(lease.session);
}

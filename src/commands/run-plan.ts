/** `finetuneAuditor.runPlan`: what a plan file says. */
import { basename } from 'node:path';
import { l10n, Range, Uri, window, workspace } from 'vscode';
import { AuditError } from '../audit/errors.js';
import { parsePlan, PLAN_FILE_SUFFIX, readPlanFile } from '../records/plan/plan-file.js';
import type { CommandSignatures } from './command-ids.js';
import { startAudit } from './start-audit.js';
import type { Services } from './services.js';
import { showQuickPick } from '../editor/shown/quick-inputs.js';

const MOST_OFFERED = 200;

export function makeRunPlanCommand(services: Services): CommandSignatures['finetuneAuditor.runPlan'] {
  return async (plan) => {
    const uri = typeof plan === 'string' ? Uri.file(plan) : (plan ?? findActivePlan() ?? (await pickPlan()));
    if (!uri) return undefined;
    const open = workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    try {
      return await startAudit(services, open ? parsePlan(open.getText(), uri.fsPath) : await readPlanFile(uri.fsPath), 'file');
    } catch (error) {
      if (error instanceof AuditError && error.code === 'badPlan') throw await showProblem(uri, error);
      throw error;
    }
  };
}

/** The file opens where it is wrong, and says all of it there; the message has room for what is wrong when the path is short. */
async function showProblem(uri: Uri, error: AuditError): Promise<AuditError> {
  const line = Number(/, line (\d+): /.exec(error.message)?.[1] ?? 1) - 1;
  const place = new Range(line, 0, line, 0);
  await window.showTextDocument(uri, { selection: place, preview: true }).then(undefined, () => undefined);
  return new AuditError('badPlan', error.message.replace(uri.fsPath, basename(uri.fsPath)), { cause: error });
}

function findActivePlan(): Uri | undefined {
  const uri = window.activeTextEditor?.document.uri;
  return uri?.path.endsWith(PLAN_FILE_SUFFIX) ? uri : undefined;
}

async function pickPlan(): Promise<Uri | undefined> {
  const found = await workspace.findFiles(`**/*${PLAN_FILE_SUFFIX}`, '**/node_modules/**', MOST_OFFERED);
  if (found.length === 0) {
    const chosen = await window.showOpenDialog({ title: l10n.t('Audit plan'), filters: { [l10n.t('Audit plan')]: ['json'] } });
    return chosen?.[0];
  }
  const items = found.map((uri) => ({ label: workspace.asRelativePath(uri), uri }));
  const chosen = await showQuickPick(items, { placeHolder: l10n.t('Which plan should be run?') });
  return chosen?.uri;
}

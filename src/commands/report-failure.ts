/** The one place that tells a cancellation from a failure, and offers the ways out of the latter. */
import { CancellationError, commands, l10n } from 'vscode';
import { AuditError, isCancelled } from '../audit/errors.js';
import type { AuditPlan } from '../audit/plan.js';
import type { AuditSession } from '../runner/run/audit-session.js';
import type { CommandId } from './command-ids.js';
import { enterKey } from '../wizard/enter-key.js';
import { listRemedies, type FailureCode, type Remedy } from './remedies.js';
import { WorkspaceNotTrusted } from './require-trust.js';
import type { Services } from './services.js';
import { showErrorMessage } from '../editor/shown/messages.js';

/** The audit that failed, and how to run a plan in its place. */
export interface FailedAudit {
  readonly session: AuditSession;
  readonly plan: AuditPlan;
  runInstead(plan: AuditPlan): Promise<unknown>;
}

export function wasCancelled(error: unknown): boolean {
  return isCancelled(error) || error instanceof CancellationError || (error instanceof Error && error.name === 'AbortError');
}

/** Logs a failure and shows it with its ways out; returns at once. A cancellation is nothing to tell. */
export function reportFailure(services: Services, error: unknown, audit?: FailedAudit): void {
  if (wasCancelled(error)) return;
  const { code, message } = describe(error);
  services.log.error(error instanceof Error ? error : String(error));
  if (error instanceof Error && error.cause !== undefined) services.log.error(l10n.t('Cause: {0}', String(error.cause)));
  const items = listRemedies(code, audit !== undefined).map((remedy) => ({ title: nameRemedy(remedy), remedy }));
  const whole = audit ? l10n.t('Audit {0}: {1}', audit.session.name, message) : message;
  void showErrorMessage(whole, ...items).then((chosen) => {
    if (!chosen) return;
    applyRemedy(services, chosen.remedy, audit).catch((next: unknown) => reportFailure(services, next));
  });
}

function describe(error: unknown): { code: FailureCode; message: string } {
  if (error instanceof WorkspaceNotTrusted) return { code: 'notTrusted', message: error.message };
  if (error instanceof AuditError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: l10n.t('An unexpected error occurred: {0}', reason) };
}

function nameRemedy(remedy: Remedy): string {
  switch (remedy) {
    case 'rawOnly':
      return l10n.t('Audit Raw Framing Only');
    case 'resume':
      return l10n.t('Resume');
    case 'tryAgain':
      return l10n.t('Try Again');
    case 'chooseAnother':
      return l10n.t('Choose Again…');
    case 'enterKey':
      return l10n.t('Enter Key…');
    case 'openSettings':
      return l10n.t('Open Settings');
    case 'revealFolder':
      return l10n.t('Reveal Folder');
    case 'manageTrust':
      return l10n.t('Manage Workspace Trust');
    case 'showLog':
      return l10n.t('Show Log');
  }
}

const run = (command: CommandId, ...args: unknown[]) => commands.executeCommand(command, ...args);

async function resumeOrRun(audit: FailedAudit | undefined): Promise<void> {
  if (!audit) return;
  // Without a setup nothing was measured, and there is no journal to go on with.
  if (audit.session.setup) await run('finetuneAuditor.resumeAudit', audit.session.folder);
  else await audit.runInstead(audit.plan);
}

async function applyRemedy(services: Services, remedy: Remedy, audit: FailedAudit | undefined): Promise<void> {
  switch (remedy) {
    case 'rawOnly':
      await audit!.runInstead({ ...audit!.plan, framings: ['raw'] });
      return;
    case 'resume':
    case 'tryAgain':
      await resumeOrRun(audit);
      return;
    case 'chooseAnother':
      await run('finetuneAuditor.audit');
      return;
    case 'enterKey':
      if (await enterKey(services, audit?.plan)) await resumeOrRun(audit);
      return;
    case 'openSettings':
      await commands.executeCommand('workbench.action.openSettings', 'finetuneAuditor');
      return;
    case 'revealFolder':
      await run('finetuneAuditor.revealAuditFolder', audit!.session.folder);
      return;
    case 'manageTrust':
      await commands.executeCommand('workbench.trust.manage');
      return;
    case 'showLog':
      services.log.show();
  }
}

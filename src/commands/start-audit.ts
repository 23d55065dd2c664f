/** From a plan to an audit that runs before the user's eyes. */
import { existsSync } from 'node:fs';
import { commands, l10n } from 'vscode';
import { AuditError } from '../audit/errors.js';
import type { AuditPlan } from '../audit/plan.js';
import { nameAuditFolder } from '../records/journal/audit-folder.js';
import { AuditSession } from '../runner/run/audit-session.js';
import { listEndpoints } from '../runner/servers/destinations.js';
import type { RunOutcome, RunRequest } from '../runner/run/types.js';
import type { AuditResult, CommandId } from './command-ids.js';
import { confirmRun, type PlanOrigin } from './confirm-run.js';
import { reportFailure, wasCancelled, type FailedAudit } from './report-failure.js';
import { requirePlan } from './require-plan.js';
import { requireTrust } from './require-trust.js';
import type { Services } from './services.js';
import { showInformationMessage } from '../editor/shown/messages.js';

/**
 * Audits in a new folder. Resolves when the audit has ended, however it did; to undefined when the user cancelled it before.
 * @param chosenBy whether the plan is the user's own answers, or a file's
 * @param onSetUp told when both models are loaded
 */
export async function startAudit(
  services: Services,
  plan: AuditPlan,
  chosenBy: PlanOrigin['chosenBy'],
  onSetUp?: () => void,
): Promise<AuditResult | undefined> {
  requireTrust();
  const permission = await confirmRun(services, plan, { chosenBy, drawsOpenings: true });
  if (!permission) return undefined;
  const author = await services.author.find();
  // From the choice of a folder to its place in the queue nothing may come between: another audit of this moment looks there.
  const request: RunRequest = { plan, folder: findFreeFolder(services, plan.name), resume: false, ...permission };
  const session = AuditSession.forRun(request, author);
  if (onSetUp) session.onDidSetUp(onSetUp);
  services.queue.enqueue(request, session);
  const done = services.queue.whenDone(session);
  const lease = await services.audits.adopt(session);
  return follow(services, { session, plan }, done, chosenBy).finally(() => lease.release());
}

/** Goes on with an audit that has not finished. */
export async function resumeAudit(services: Services, folder: string): Promise<AuditResult | undefined> {
  requireTrust();
  const lease = await services.audits.open(folder);
  const { session } = lease;
  try {
    const plan = requirePlan(session);
    const permission = await confirmRun(services, plan, { chosenBy: 'file', drawsOpenings: session.setup === null });
    if (!permission) return undefined;
    services.queue.enqueue({ plan, folder, resume: true, ...permission }, session);
    return await follow(services, { session, plan }, services.queue.whenDone(session), 'file');
  } finally {
    lease.release();
  }
}

/**
 * Shows an audit that is in the queue, until its end.
 * @param done settles with its run
 */
async function follow(
  services: Services,
  { session, plan }: Pick<FailedAudit, 'session' | 'plan'>,
  done: Promise<RunOutcome | null>,
  chosenBy: PlanOrigin['chosenBy'],
): Promise<AuditResult> {
  const { panels, marks, log } = services;
  const { folder } = session;
  const failedAudit: FailedAudit = { session, plan, runInstead: (instead) => startAudit(services, instead, chosenBy) };
  log.info(l10n.t('Audit {0} in {1}', session.name, folder));
  // The page is a view of the audit: that it cannot be shown is no reason to give up the run.
  panels.show(folder).catch((error: unknown) => reportFailure(services, error));
  await marks.add(folder);
  try {
    if (listEndpoints(plan).length > 0) await readRequests(session, done);
    const outcome = await done;
    if (outcome?.limitReached) reportFailure(services, new AuditError('spendingLimit', outcome.message), failedAudit);
    else if (session.status.state === 'finished') tellFinished(services, session);
  } catch (error) {
    if (!wasCancelled(error)) reportFailure(services, error, failedAudit);
  } finally {
    await marks.remove(folder);
  }
  const { state, message } = session.status;
  log.info(l10n.t('Audit {0}: {1}', session.name, message));
  return { folder, state: state === 'finished' || state === 'failed' ? state : 'stopped', completions: session.records.length };
}

/** What servers were asked for in a run stands in the journal when it has ended, however it did. */
async function readRequests(session: AuditSession, done: Promise<unknown>): Promise<void> {
  await done.catch(() => undefined);
  // A run that failed early has no journal.
  await session.reload().catch(() => undefined);
}

function tellFinished(services: Services, session: AuditSession): void {
  if (services.panels.isVisible(session.folder)) return;
  const open = l10n.t('Open');
  const text = l10n.t('Audit {0} has finished: {1} completions.', session.name, session.records.length);
  const command: CommandId = 'finetuneAuditor.openAudit';
  void showInformationMessage(text, open).then((chosen) => chosen && commands.executeCommand(command, session.folder));
}

/** Two audits of the same second and name get folders of their own, also where another program began one of them. */
export function findFreeFolder({ auditsRoot, queue, tellStorage }: Services, name: string): string {
  tellStorage();
  const folder = nameAuditFolder(auditsRoot(), name, new Date());
  const isTaken = (path: string) => queue.sessions.some((session) => session.folder === path) || existsSync(path);
  let free = folder;
  for (let count = 2; isTaken(free); count++) free = `${folder}-${count}`;
  return free;
}

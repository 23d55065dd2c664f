/** Offers to resume audits that a closed or reloaded window cut off. */
import { setTimeout as sleep } from 'node:timers/promises';
import { l10n, workspace } from 'vscode';
import type { AuditSession } from '../runner/run/audit-session.js';
import { reportFailure } from './report-failure.js';
import { resumeAudit } from './start-audit.js';
import type { Services } from './services.js';
import { showWarningMessage } from '../editor/shown/messages.js';

/** How long to wait for the window before this one, which may still be ending its run. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 1000;

export async function offerInterruptedAudits(services: Services): Promise<void> {
  if (!workspace.isTrusted) return;
  for (const folder of services.marks.list()) {
    // The mark goes first: while we wait for the former window, the audit may be resumed here and get a new one.
    await services.marks.remove(folder);
    await offer(services, folder).catch((error: unknown) => services.log.warn(String(error)));
  }
}

async function offer(services: Services, folder: string): Promise<void> {
  const lease = await services.audits.open(folder);
  try {
    const { session } = lease;
    await waitForFormerWindow(services, session);
    const { status, name } = session;
    if (!status.canResume || isOurs(services, session)) return;
    const resume = l10n.t('Resume');
    const text = l10n.t('Audit {0} was interrupted at {1} of {2} completions.', name, status.completionsDone, status.completionsTotal);
    void showWarningMessage(text, resume).then((chosen) => {
      if (chosen === resume) resumeAudit(services, folder).catch((error: unknown) => reportFailure(services, error));
    });
  } finally {
    lease.release();
  }
}

async function waitForFormerWindow(services: Services, session: AuditSession): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (session.status.state === 'running' && !isOurs(services, session) && Date.now() < end) {
    await sleep(PAUSE_MS);
    await session.reload();
  }
}

/** Whether this window has resumed it meanwhile. */
function isOurs({ queue }: Services, session: AuditSession): boolean {
  return queue.sessions.includes(session);
}

/** What the page's buttons do. */
import { join } from 'node:path';
import { commands, env, window, workspace } from 'vscode';
import { formatPlan } from '../records/plan-file.js';
import type { AuditSession } from '../runner/audit-session.js';
import type { PageActionName } from '../views/page-host.js';
import type { CommandId } from './command-ids.js';
import { requirePlan } from './require-plan.js';

export async function actForPage(session: AuditSession, action: PageActionName, text: string | undefined): Promise<void> {
  const run = (command: CommandId) => commands.executeCommand(command, session.folder);
  switch (action) {
    case 'stop':
      await run('finetuneAuditor.stopAudit');
      return;
    case 'resume':
      await run('finetuneAuditor.resumeAudit');
      return;
    case 'revealFolder':
      await run('finetuneAuditor.revealAuditFolder');
      return;
    case 'openPlan': {
      requirePlan(session);
      const content = formatPlan(session.plan, join(session.folder, 'plan'));
      await window.showTextDocument(await workspace.openTextDocument({ language: 'json', content }));
      return;
    }
    case 'copyText':
      await env.clipboard.writeText(text ?? '');
  }
}

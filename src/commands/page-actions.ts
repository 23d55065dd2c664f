/** Actions of the page's buttons that need the editor. */
import { join } from 'node:path';
import { commands, env, window, workspace } from 'vscode';
import { formatPlan } from '../records/plan/plan-file.js';
import type { AuditSession } from '../runner/run/audit-session.js';
import type { PageActionName, PageActionSubject } from '../messages/page.js';
import type { CommandId, CompletionTarget } from './command-ids.js';
import { requirePlan } from './require-plan.js';

export async function actForPage(session: AuditSession, action: PageActionName, { text, id }: PageActionSubject): Promise<void> {
  const { folder } = session;
  const run = (command: CommandId) => commands.executeCommand(command, folder);
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
    case 'exportReport':
      await run('finetuneAuditor.exportReport');
      return;
    case 'openPlan': {
      const content = formatPlan(requirePlan(session), join(session.folder, 'plan'));
      await window.showTextDocument(await workspace.openTextDocument({ language: 'json', content }));
      return;
    }
    case 'openCompletion':
      if (id !== undefined) await commands.executeCommand('finetuneAuditor.openCompletion' satisfies CommandId, { folder, id } satisfies CompletionTarget);
      return;
    case 'copyText':
      await env.clipboard.writeText(text ?? '');
  }
}

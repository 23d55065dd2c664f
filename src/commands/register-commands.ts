/** Registers every command, each behind the same handling of failures. */
import { commands, type Disposable } from 'vscode';
import { makeAuditDemoCommand } from './audit-demo.js';
import { makeAuditCommand } from './audit.js';
import { makeAuditsCommands } from './audits/audit-commands.js';
import { COMMAND_IDS, type CommandSignatures } from './command-ids.js';
import { makeChangeAuthorCommand } from './change-author.js';
import { makeCompareAuditsCommand } from './compare-audits.js';
import { makeDraftConclusionCommand } from './draft-conclusion.js';
import { makeExportAuditCommand } from './export-audit.js';
import { makeExportReportCommand } from './export-report.js';
import { makeCommentCommands } from './editor/comment-commands.js';
import { makeCompletionCommands } from './editor/completion-commands.js';
import { makeOpenCompletionCommand } from './editor/open-completion.js';
import { makeClearTokenGapsCommand, makeShadeByDivergenceCommand, makeShowTokenGapsCommand } from './editor/show-token-gaps.js';
import { makeForgetApiKeysCommand } from './forget-api-keys.js';
import { makeImportCompletionsCommand } from './import-completions.js';
import { makeOpenAuditCommand } from './open-audit.js';
import { makePageCommands } from './page-commands.js';
import { reportFailure } from './report-failure.js';
import { makeResumeAuditCommand } from './resume-audit.js';
import { makeRevealAuditFolderCommand } from './reveal-audit-folder.js';
import { makeRunPlanCommand } from './run-plan.js';
import { makeSavePlanCommand } from './save-plan.js';
import { makeScanModelsCommand } from './scan-models.js';
import type { Services } from './services.js';
import { makeSetApiKeyCommand } from './set-api-key.js';
import { makeShowLogCommand } from './show-log.js';
import { makeStopAuditCommand } from './stop-audit.js';
import { makeTestEndpointCommand } from './test-endpoint.js';
import { makeUnloadModelsCommand } from './unload-models.js';
import { makeVerifyAuditCommand } from './verify-audit.js';

export function registerCommands(services: Services): Disposable[] {
  const all: CommandSignatures = {
    'finetuneAuditor.audit': makeAuditCommand(services),
    'finetuneAuditor.auditDemo': makeAuditDemoCommand(services),
    'finetuneAuditor.runPlan': makeRunPlanCommand(services),
    'finetuneAuditor.savePlan': makeSavePlanCommand(services),
    'finetuneAuditor.openAudit': makeOpenAuditCommand(services),
    'finetuneAuditor.resumeAudit': makeResumeAuditCommand(services),
    'finetuneAuditor.stopAudit': makeStopAuditCommand(services),
    'finetuneAuditor.revealAuditFolder': makeRevealAuditFolderCommand(services),
    'finetuneAuditor.exportReport': makeExportReportCommand(services),
    'finetuneAuditor.exportAudit': makeExportAuditCommand(services),
    'finetuneAuditor.verifyAudit': makeVerifyAuditCommand(services),
    'finetuneAuditor.scanModels': makeScanModelsCommand(services),
    'finetuneAuditor.compareAudits': makeCompareAuditsCommand(services),
    'finetuneAuditor.importCompletions': makeImportCompletionsCommand(services),
    'finetuneAuditor.draftConclusion': makeDraftConclusionCommand(services),
    'finetuneAuditor.unloadModels': makeUnloadModelsCommand(services),
    'finetuneAuditor.testEndpoint': makeTestEndpointCommand(services),
    'finetuneAuditor.setApiKey': makeSetApiKeyCommand(services),
    'finetuneAuditor.forgetApiKeys': makeForgetApiKeysCommand(services),
    'finetuneAuditor.showLog': makeShowLogCommand(services),
    'finetuneAuditor.changeAuthor': makeChangeAuthorCommand(services),
    ...makePageCommands(services),
    'finetuneAuditor.openCompletion': makeOpenCompletionCommand(services),
    'finetuneAuditor.showTokenGaps': makeShowTokenGapsCommand(services),
    'finetuneAuditor.clearTokenGaps': makeClearTokenGapsCommand(services),
    'finetuneAuditor.shadeByDivergence': makeShadeByDivergenceCommand(services),
    ...makeCompletionCommands(services),
    ...makeCommentCommands(services),
    ...makeAuditsCommands(services),
  };
  return COMMAND_IDS.map((id) => {
    const command = all[id] as (...args: unknown[]) => Promise<unknown>;
    return commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        return await command(...args);
      } catch (error) {
        reportFailure(services, error);
        return undefined;
      }
    });
  });
}

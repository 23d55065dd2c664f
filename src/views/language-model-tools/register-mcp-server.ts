/** Registers the server for agents (`finetune-auditor mcp`) with the editor, a server for each place that audits are kept in. */
import { basename } from 'node:path';
import { Disposable, l10n, lm, McpStdioServerDefinition } from 'vscode';
import { harmlessLine, LONGEST_TITLE } from '../../editor/shown/harmless-text.js';

export const MCP_PROVIDER_ID = 'finetuneAuditor.audits';

/**
 * Nothing where the editor knows no such servers. The editor asks before it starts one.
 * @param program path of the command line's program
 */
export function registerMcpServer(auditRoots: () => readonly string[], program: string, version: string): Disposable {
  if (typeof (lm as Partial<typeof lm>).registerMcpServerDefinitionProvider !== 'function') return Disposable.from();
  return lm.registerMcpServerDefinitionProvider(MCP_PROVIDER_ID, {
    provideMcpServerDefinitions: () =>
      auditRoots().map(
        // The extension host's own program runs as Node.
        (root) =>
          new McpStdioServerDefinition(
            l10n.t('Finetune Auditor: {0}', harmlessLine(basename(root), LONGEST_TITLE)),
            process.execPath,
            [program, 'mcp', root],
            { ELECTRON_RUN_AS_NODE: '1' },
            version,
          ),
      ),
  });
}

#!/usr/bin/env node
/** The command line: the second composition root. */
import { Command } from 'commander';
import { addAuditCommand } from './audit-command.js';
import { Colours } from './colours.js';
import { addDemoCommand } from './demo-command.js';
import { addConfirmCommand } from './confirm-command.js';
import { addCompareCommand } from './compare-command.js';
import { describeFailure, exitCodeOf } from './exit.js';
import { addConvertAdapterCommand } from './convert-adapter-command.js';
import { addExportCommand } from './export-command.js';
import { addImportCommand } from './import-command.js';
import { addMcpCommand } from './mcp-command.js';
import { addProbeCommand } from './probe-command.js';
import { addReportCommand } from './report-command.js';
import { addScanCommand } from './scan-command.js';
import { addScoreCommand } from './score-command.js';
import { addVerifyCommand } from './verify-command.js';
import { endWithReader, print, printAside } from './terminal.js';

const program = new Command('finetune-auditor')
  .description('Finds out what a finetuned language model was trained to do, by perplexity differencing.')
  .configureOutput({ writeOut: print, writeErr: printAside })
  .version(__TOOL_VERSION__)
  .option('--debug', 'show where an error came from')
  .showHelpAfterError('(finetune-auditor --help shows what can be given)');
addAuditCommand(program);
addReportCommand(program);
addConfirmCommand(program);
addCompareCommand(program);
addVerifyCommand(program);
addExportCommand(program);
addConvertAdapterCommand(program);
addImportCommand(program);
addScoreCommand(program);
addScanCommand(program);
addProbeCommand(program);
addMcpCommand(program);
addDemoCommand(program);

endWithReader();

try {
  await program.parseAsync();
} catch (error) {
  printAside(describeFailure(error, program.opts<{ debug?: boolean }>().debug === true, new Colours()));
  process.exitCode = exitCodeOf(error);
}

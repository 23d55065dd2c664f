/** `mcp`: serves the tools that read audits to agents, over standard input and output. */
import type { Command } from 'commander';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createMcpServer } from '../mcp/server.js';
import { describeFailure } from './exit.js';
import { Colours } from './colours.js';
import { parsePath } from './model-options.js';
import { printAside } from './terminal.js';

export function addMcpCommand(program: Command): void {
  program
    .command('mcp')
    .description('Let an agent read audits: a server for the Model Context Protocol on standard input and output. It writes nothing and runs no model.')
    .argument('[folder]', 'an audit, a folder of audits, or a workspace', parsePath, process.cwd())
    .action((folder: string) => {
      // Standard output belongs to the protocol.
      serveStdio(() => createMcpServer(folder, __TOOL_VERSION__), { onerror: (error) => printAside(describeFailure(error, false, new Colours())) });
    });
}

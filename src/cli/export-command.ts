/** `export`: an audit as one archive that can be handed on. */
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { makeSlug } from '../records/journal/audit-folder.js';
import { exportAudit } from '../records/journal/export-audit.js';
import { parsePath } from './model-options.js';
import { printNote } from './terminal.js';
import { writeOutput } from './write-output.js';

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('Pack an audit into one archive to hand on: journal and findings, without this machine’s paths, keys, or account name.')
    .argument('<folder>', 'folder of the audit', parsePath)
    .requiredOption('--out <file>', 'the archive (.zip); unpacked, it is the folder of an audit', parsePath)
    .action(async (folder: string, { out }: { out: string }) => {
      const { archive, leftOut } = await exportAudit(folder, makeSlug(basename(resolve(folder))));
      if (leftOut > 0)
        printNote(`${leftOut} ${leftOut === 1 ? 'line' : 'lines'} of the journal could not be read and ${leftOut === 1 ? 'is' : 'are'} left out.`);
      await writeOutput(archive, out, 'programs');
    });
}

/** `import`: completions that were generated and ranked elsewhere become an audit that can be read, labelled and reported. */
import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import { AuditError } from '../audit/errors.js';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import { SCORE_NAMES, type ScoreName } from '../audit/scores.js';
import { nameAuditFolder } from '../records/journal/audit-folder.js';
import { IMPORT_FIELDS, type ImportMapping, type ImportSample } from '../records/import/import-types.js';
import { writeImportedAudit } from '../records/import/imported-audit.js';
import { readImport, readImportSample } from '../records/import/read-import.js';
import { COMMAND } from './environment.js';
import { completeMapping, formatMapping, parseMapping, type GivenColumns } from './import-mapping.js';
import { parsePath } from './model-options.js';
import { quoteArgument, quotePath } from '../text/quote.js';
import { print, printNote } from './terminal.js';

interface ImportFlags {
  out?: string;
  map?: GivenColumns;
  framing?: Framing;
  scoreIs?: ScoreName;
  name?: string;
}

export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description(
      'Make an audit of completions that were generated and ranked elsewhere: JSON, JSON lines, CSV, Parquet, Inspect logs, also packed, or the form in which rankings of the method were published.',
    )
    .argument('<file>', 'file of completions', parsePath)
    .option('--out <folder>', 'folder of the audit (default: a new one in .finetune-audits/)', parsePath)
    .option(
      '--map <field=column,...>',
      `which column holds what, where the names of the columns do not say so; a column may be a path, as in choices.0.text: ${IMPORT_FIELDS.join(', ')}`,
      parseMapping,
    )
    .addOption(new Option('--framing <framing>', 'framing of all completions, where the file does not say it').choices(FRAMINGS))
    .addOption(new Option('--score-is <name>', 'which of the scores the column of the score holds').choices(SCORE_NAMES))
    .option('--name <name>', 'what the audit is called')
    .action(importFile);
}

async function importFile(file: string, flags: ImportFlags): Promise<void> {
  const sample = await readImportSample(file);
  const mapping = chooseMapping(file, sample, flags);
  const read = await readImport(file, mapping);
  const imported = flags.name === undefined ? read : { ...read, name: flags.name };
  const folder = flags.out ?? nameAuditFolder(process.cwd(), imported.name, new Date());
  await writeImportedAudit(imported, folder, { toolVersion: __TOOL_VERSION__, time: new Date() });
  for (const remark of imported.remarks) printNote(remark);
  const labels = imported.labels.length === 0 ? '' : `, with ${imported.labels.length} labels`;
  print(`${imported.completions.length} completions${labels} in ${folder}\nSee them with: ${COMMAND} report ${quotePath(folder)}\n`);
}

/** Nothing for a file that says itself what it has. */
function chooseMapping(file: string, sample: ImportSample, { map = {}, framing, scoreIs }: ImportFlags): ImportMapping | undefined {
  const saysNothing = Object.keys(map).length === 0 && framing === undefined && scoreIs === undefined;
  if (sample.form === 'published') {
    if (saysNothing) return undefined;
    throw new AuditError('badPlan', `${basename(file)} has the published form, which says itself what it holds. Leave out --map, --framing and --score-is.`);
  }
  const { guess } = sample;
  const mapping = completeMapping(guess, map, { ...(framing && { framing }), ...(scoreIs && { scoreIs }) });
  if (mapping.columns.completion === undefined) {
    throw new AuditError(
      'badJournal',
      `Which column of ${file} holds the completions cannot be told from their names. Its columns are: ${sample.columns.join(', ')}. ` +
        `Guessed so far: ${formatMapping(mapping)}. Say the rest, e.g. --map ${quoteArgument(`completion=${sample.columns[0] ?? 'COLUMN'}`)}.`,
    );
  }
  printNote(
    `Read with --map ${formatMapping(mapping)}${Object.keys(guess.columns).some((field) => !(field in map)) ? " (guessed from the columns' names where you said nothing)" : ''}.`,
  );
  return mapping;
}

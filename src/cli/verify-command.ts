/** `verify`: checksums of an audit's lines, and some completions written and scored again. */
import { randomInt } from 'node:crypto';
import type { Command } from 'commander';
import { AuditError } from '../audit/errors.js';
import { computeOptionsOf, type ComputeOptions } from '../messages/model-process.js';
import { requireRun } from '../records/journal/audit-folder.js';
import { describeVerification } from '../runner/run/describe-verification.js';
import { verifyAudit, type VerifyRequest } from '../runner/run/verify-audit.js';
import { Colours } from './colours.js';
import { agreeToRun, type ConsentFlags } from './consent.js';
import { addAccessOptions, readNetwork } from './endpoint-options.js';
import { createModels, MEDIA_FOLDER } from './environment.js';
import { EXIT, listenForStop } from './exit.js';
import { addComputeOptions, MODEL_FORMS, parseAdapter, parseModel, parsePath, wholeNumber } from './model-options.js';
import { planToResume, type PlanFlags } from './plan-from-flags.js';
import { checkServers } from './run-with-progress.js';
import { visibleLine } from '../text/visible-text.js';
import { askOnTerminal, print, printAside } from './terminal.js';

interface VerifyFlags
  extends Pick<PlanFlags, 'finetuned' | 'lora' | 'reference' | 'referenceLora' | 'apiKeyEnv' | 'header' | 'requestTimeout'>, ConsentFlags, ComputeOptions {
  completions: number;
  seed?: number;
  json?: boolean;
  allowDownload?: boolean;
  offline?: boolean;
}

const COMPLETIONS = 8;
const SEEDS = 2 ** 32;

export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description(
      'Check the lines of an audit’s journal by their checksums, and write and score some of its completions again: which come out the same, which within what bound. The audit is only read. Ends with exit code 1 where something contradicts it.',
    )
    .argument('<folder>', 'folder of the audit', parsePath)
    .option(
      '--completions <n>',
      'completions to write and score again, chosen at random; each takes its whole wave. 0 for none',
      wholeNumber(0, 10_000),
      COMPLETIONS,
    )
    .option('--seed <n>', 'chooses the same completions again', wholeNumber(0, SEEDS - 1))
    .option('--finetuned <model>', `where the finetuned model lies now: ${MODEL_FORMS}`, parseModel)
    .option('--lora <file[:scale]>', 'and its LoRA adapter (repeatable)', parseAdapter)
    .option('--reference <model>', 'where the reference model lies now', parseModel)
    .option('--reference-lora <file[:scale]>', 'and its LoRA adapter (repeatable)', parseAdapter)
    .option('--json', 'print an object for scripts')
    .option('--allow-download', 'let hf: addresses be downloaded')
    .option('--offline', 'use no network at all: no servers, no downloads')
    .option(
      '--allow-server <host>',
      'server that the journal names and that may be sent openings: host:port (repeatable)',
      (value: string, former: string[] = []) => [...former, value],
    );
  addAccessOptions(addComputeOptions(command)).action(async (folder: string, flags: VerifyFlags) => {
    process.exitCode = await verify(folder, flags);
  });
}

async function verify(folder: string, flags: VerifyFlags): Promise<number> {
  const { completions, allowDownload = false, offline = false } = flags;
  const stop = listenForStop();
  const { models, ...request } = await prepare(folder, flags, offline);
  let told = '';
  const onProgress = (message: string) => {
    if (message !== told) printAside(`${visibleLine((told = message))}\n`);
  };
  try {
    const verification = await verifyAudit(
      { folder, completions, seed: flags.seed ?? randomInt(SEEDS), allowDownload, ...request },
      { models, mediaFolder: MEDIA_FOLDER, toolVersion: __TOOL_VERSION__ },
      onProgress,
      stop.signal,
    );
    if (flags.json) print(`${JSON.stringify(verification, null, 2)}\n`);
    else {
      const colours = new Colours();
      const { answer, sections } = describeVerification(verification);
      const lines = sections.flatMap(({ title, lines: own }) => ['', colours.bold(title), ...own.map((line) => `  ${visibleLine(line)}`)]);
      print([visibleLine(answer), ...lines, ''].join('\n'));
    }
    return verification.state === 'contradicted' ? EXIT.failed : EXIT.done;
  } finally {
    stop.dispose();
    await models.dispose();
  }
}

/** What a run would need: the plan with models where they are now, and the user's yes to servers. Without a plan only lines are checked. */
async function prepare(
  folder: string,
  flags: VerifyFlags,
  offline: boolean,
): Promise<Pick<VerifyRequest, 'plan' | 'readableRoots'> & { models: ReturnType<typeof createModels> }> {
  const isRun = await requireRun(folder).then(
    () => true,
    (error: unknown) => {
      if (error instanceof AuditError && error.code === 'badJournal') return false;
      throw error;
    },
  );
  const compute = { ...computeOptionsOf(flags), ...readNetwork(flags) };
  if (!isRun || flags.completions === 0) return { plan: null, models: createModels(compute) };
  // The seed of this command is not the plan's.
  const { seed: _, ...places } = flags;
  const { plan, origin } = await planToResume({ ...places, out: folder });
  checkServers(plan, offline);
  const { agreed, ...readable } = await agreeToRun(plan, origin, flags, askOnTerminal());
  return { plan, ...readable, models: createModels({ ...compute, agreed }) };
}

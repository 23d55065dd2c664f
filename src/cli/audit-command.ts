/** `audit`: one audit from flags, from a plan file, or from where it stopped. */
import { InvalidArgumentError, type Command } from 'commander';
import { AMPLIFY_RULE, parseAmplify } from '../audit/amplify-plan.js';
import { AuditError } from '../audit/errors.js';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import { NOISE_FLOOR_PREFILLS, PLAN_BOUNDS, PLAN_DEFAULTS } from '../audit/plan.js';
import { nameAuditFolder, readAudit } from '../records/journal/audit-folder.js';
import { formatAmplification } from './amplification-lines.js';
import { agreeToRun, formatAllowances, type ConsentFlags } from './consent.js';
import { addAccessOptions, parseVariableName, readNetwork } from './endpoint-options.js';
import { COMMAND } from './environment.js';
import { EXIT } from './exit.js';
import { computeOptionsOf, type ComputeOptions } from '../messages/model-process.js';
import { addComputeOptions, MODEL_FORMS, numberWithin, parseAdapter, parseModel, parsePath, wholeNumber } from './model-options.js';
import { planFromFlags, planToResume, type PlanFlags } from './plan-from-flags.js';
import { quotePath } from '../text/quote.js';
import { checkServers, runWithProgress } from './run-with-progress.js';
import { askOnTerminal, print, printAside } from './terminal.js';

interface AuditFlags extends PlanFlags, ConsentFlags, ComputeOptions {
  resume?: boolean;
  allowDownload?: boolean;
  maxConcurrency?: number;
  offline?: boolean;
}

export function addAuditCommand(program: Command): void {
  const defaults = PLAN_DEFAULTS;
  const command = program
    .command('audit')
    .description('Find out what a finetuned model was trained to do, by comparing it with a reference model.')
    .option('--finetuned <model>', `the model under audit: ${MODEL_FORMS}`, parseModel)
    .option('--lora <file[:scale]>', 'LoRA adapter over the finetuned model (repeatable)', parseAdapter)
    .option('--reference <model>', 'the model it is compared with', parseModel)
    .option('--reference-lora <file[:scale]>', 'LoRA adapter over the reference model (repeatable)', parseAdapter)
    .option('--framing <list>', `raw, chat, ask, dialogue, or several: raw,chat,dialogue (default: ${defaults.framings.join(',')})`, parseFramings)
    .option('--system <text>', `system text of the chat, ask and dialogue framings; "" for none (default: "${defaults.system}")`)
    .option('--user <text>', `user's text of the chat framing (default: "${defaults.user}")`)
    .option('--ask <text>', "what the user's turn of the ask framing says before the prefill", String)
    .option('--prefills <n>', `prefills to continue, each in every framing (default: ${defaults.prefills})`, wholeNumber(...PLAN_BOUNDS.prefills))
    .option('--prefill-tokens <n>', `tokens per prefill (default: ${defaults.prefillTokens})`, wholeNumber(...PLAN_BOUNDS.prefillTokens))
    .option('--prefill-file <file>', 'prefills from a file: one per line, or JSON with token ids per framing', parsePath)
    .option(
      '--max-tokens <n>',
      `new tokens per completion at most, in dialogue of question and answer each (default: ${defaults.maxTokens})`,
      wholeNumber(...PLAN_BOUNDS.maxTokens),
    )
    .option('--temperature <t>', `0 is greedy (default: ${defaults.temperature})`, numberWithin(...PLAN_BOUNDS.temperature))
    .option('--corpus <paths...>', `files, folders or globs of general text (default: ${defaults.corpus.join(' ')})`)
    .option('--seed <n>', `seed of prefills and sampling (default: ${defaults.seed})`, wholeNumber(...PLAN_BOUNDS.seed))
    .option('--wave-size <n>', `completions that advance together (default: ${defaults.waveSize})`, wholeNumber(...PLAN_BOUNDS.waveSize))
    .option('--rescore', 'score the finetuned model by a forward pass, as the reference is')
    .option('--divergence', "measure how far the two models' distributions lie apart at every token")
    .option('--noise-floor <model>', 'measure the noise floor with the reference model in another quantisation', parseModel)
    .option('--noise-floor-lora <file[:scale]>', 'LoRA adapter over it (repeatable)', parseAdapter)
    .option('--noise-floor-prefills <n>', `prefills of the noise floor at most (default: ${NOISE_FLOOR_PREFILLS})`, wholeNumber(...PLAN_BOUNDS.prefills))
    .option(
      '--amplify <how>',
      'let a model pushed further from the reference write, too: auto (chooses the form and searches the strength), scale=2 or scale=1.5,2,3 (the adapter, or the weights of two full models), or a=1 (the logits); its text is a lead, never the finetuned model’s own words (default: none)',
      parseAmplifyFlag,
    )
    .option('--reference-pass', 'let the reference write, too, from the same openings; both models score it')
    .option('--name <name>', 'what the audit is called')
    .option('--plan <file>', 'take the plan from a *.audit-plan.json; flags given beside it win', parsePath)
    .option('--out <folder>', 'folder of the audit (default: a new one in .finetune-audits/)', parsePath)
    .option('--resume', 'go on with the audit in --out, with the plan that it began with')
    .option('--allow-download', 'let hf: addresses be downloaded');
  addAccessOptions(addComputeOptions(command))
    .option('--reference-api-key-env <name>', "the same for the reference's server, where it has another key", parseVariableName)
    .option('--allow-server <host>', 'server that a plan or a journal names and that may be sent what the audit sends: host:port (repeatable)', gather)
    .option('--allow-file <path>', 'file or folder elsewhere whose text a plan or a journal may send to its server (repeatable)', (path, former?: string[]) =>
      gather(parsePath(path), former),
    )
    .option('--token-limit <n>', 'tokens that servers may read and write in this run; it pauses there', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--max-concurrency <n>', 'requests to one server at the same time at most (default: 32)', wholeNumber(1, 1024))
    .option('--offline', 'use no network at all: no servers, no downloads')
    .action(async (flags: AuditFlags) => {
      process.exitCode = await audit(flags);
    });
}

async function audit(flags: AuditFlags): Promise<number> {
  const { resume = false, allowDownload = false, offline = false, tokenLimit } = flags;
  if (offline && allowDownload)
    throw new AuditError('networkForbidden', '--offline forbids the downloads that --allow-download allows. Leave one of them out.');
  const { plan, origin } = resume ? await planToResume(flags) : await planFromFlags(flags);
  checkServers(plan, offline);
  const { agreed, ...readable } = await agreeToRun(plan, origin, flags, askOnTerminal());
  const folder = flags.out ?? nameAuditFolder(process.cwd(), plan.name, new Date());
  const outcome = await runWithProgress(
    { plan, folder, resume, allowDownload, ...readable, ...(tokenLimit !== undefined && { tokenLimit }) },
    { ...computeOptionsOf(flags), agreed, ...readNetwork(flags) },
  );
  const goOn = `${COMMAND} audit --resume --out ${quotePath(folder)}${formatAllowances(plan)}${tokenLimit === undefined ? '' : ` --token-limit ${tokenLimit}`}`;
  if (outcome.state === 'stopped') {
    printAside([outcome.reason, ...outcome.notes, `Resume with: ${goOn}`, ''].join('\n'));
    return EXIT.stopped;
  }
  const again = outcome.setAside > 0 ? [`Try those again with: ${goOn}`] : [];
  const amplification = plan.amplify === undefined ? [] : formatAmplification((await readAudit(folder)).amplification);
  print(
    [
      `${outcome.completions} completions in ${folder}`,
      ...amplification,
      ...outcome.notes,
      ...again,
      `See them with: ${COMMAND} report ${quotePath(folder)}`,
      '',
    ].join('\n'),
  );
  return EXIT.done;
}

function gather(value: string, former: readonly string[] = []): string[] {
  return [...former, value];
}

function parseAmplifyFlag(value: string): string {
  if (parseAmplify(value) === null) throw new InvalidArgumentError(`It ${AMPLIFY_RULE}.`);
  return value;
}

function parseFramings(value: string): Framing[] {
  const list = value.split(',').map((part) => part.trim());
  for (const part of list) {
    if (!FRAMINGS.includes(part as Framing))
      throw new InvalidArgumentError('Give raw, chat, ask, dialogue, or several of them with commas between, e.g. raw,chat.');
  }
  return [...new Set(list)] as Framing[];
}

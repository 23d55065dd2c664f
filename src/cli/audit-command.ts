/** `audit`: one audit from flags, from a plan file, or from where it stopped. */
import { basename } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { AuditError } from '../audit/errors.js';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import { NOISE_FLOOR_PREFILLS, PLAN_DEFAULTS, type AdapterSource, type AuditPlan, type ModelSource, type NoiseFloorPlan } from '../audit/plan.js';
import { nameAuditFolder, readAudit } from '../records/audit-folder.js';
import { readPlanFile, resolveAddress } from '../records/plan-file.js';
import { countPrefills, readPrefillFile } from '../records/prefill-file.js';
import { COMMAND } from './environment.js';
import { EXIT } from './exit.js';
import { parseAdapter, parseModel, parsePath, positiveOrZero, wholeNumber } from './model-options.js';
import { runWithProgress } from './run-audit.js';

interface AuditFlags {
  plan?: string;
  resume?: boolean;
  out?: string;
  name?: string;
  finetuned?: string;
  lora?: AdapterSource[];
  reference?: string;
  referenceLora?: AdapterSource[];
  framing?: Framing[];
  system?: string;
  user?: string;
  prefills?: number;
  prefillTokens?: number;
  prefillFile?: string;
  maxTokens?: number;
  temperature?: number;
  corpus?: string[];
  seed?: number;
  waveSize?: number;
  rescore?: boolean;
  noiseFloor?: string;
  noiseFloorLora?: AdapterSource[];
  noiseFloorPrefills?: number;
  threads: number;
  gpu: 'auto' | 'off';
  allowDownload?: boolean;
}

const PREFILLS_AT_MOST = 1_000_000;

export function addAuditCommand(program: Command): void {
  const defaults = PLAN_DEFAULTS;
  program
    .command('audit')
    .description('Find out what a finetuned model was trained to do, by comparing it with a reference model.')
    .option('--finetuned <model>', 'the model under audit: a GGUF file, an hf: address, or bundled:NAME', parseModel)
    .option('--lora <file[:scale]>', 'LoRA adapter over the finetuned model (repeatable)', parseAdapter)
    .option('--reference <model>', 'the model it is compared with', parseModel)
    .option('--reference-lora <file[:scale]>', 'LoRA adapter over the reference model (repeatable)', parseAdapter)
    .option('--framing <list>', `raw, chat or raw,chat (default: ${defaults.framings.join(',')})`, parseFramings)
    .option('--system <text>', `system text of the chat framing; "" for none (default: "${defaults.system}")`)
    .option('--user <text>', `user's text of the chat framing (default: "${defaults.user}")`)
    .option('--prefills <n>', `prefills to continue, each in every framing (default: ${defaults.prefills})`, wholeNumber(1, PREFILLS_AT_MOST))
    .option('--prefill-tokens <n>', `tokens per prefill (default: ${defaults.prefillTokens})`, wholeNumber(1, 64))
    .option('--prefill-file <file>', 'prefills from a file: one per line, or JSON with token ids per framing', parsePath)
    .option('--max-tokens <n>', `new tokens per completion at most (default: ${defaults.maxTokens})`, wholeNumber(1, 100_000))
    .option('--temperature <t>', `0 is greedy (default: ${defaults.temperature})`, positiveOrZero)
    .option('--corpus <paths...>', `files, folders or globs of general text (default: ${defaults.corpus.join(' ')})`)
    .option('--seed <n>', `seed of prefills and sampling (default: ${defaults.seed})`, wholeNumber(0, 2 ** 32 - 1))
    .option('--wave-size <n>', `completions that advance together (default: ${defaults.waveSize})`, wholeNumber(1, 1024))
    .option('--rescore', 'score the finetuned model by a forward pass, as the reference is')
    .option('--noise-floor <model>', 'measure the noise floor with the reference model in another quantisation', parseModel)
    .option('--noise-floor-lora <file[:scale]>', 'LoRA adapter over it (repeatable)', parseAdapter)
    .option('--noise-floor-prefills <n>', `prefills of the noise floor at most (default: ${NOISE_FLOOR_PREFILLS})`, wholeNumber(1, PREFILLS_AT_MOST))
    .option('--name <name>', 'what the audit is called')
    .option('--plan <file>', 'take the plan from a *.audit-plan.json; flags given beside it win', parsePath)
    .option('--out <folder>', 'folder of the audit (default: a new one in .finetune-audits/)', parsePath)
    .option('--resume', 'go on with the audit in --out, with the plan that it began with')
    .option('--threads <n>', 'threads to compute with; 0 for one per physical core', wholeNumber(0, 1024), 0)
    .addOption(new Option('--gpu <mode>', 'use a GPU where there is one').choices(['auto', 'off']).default('auto'))
    .option('--allow-download', 'let hf: addresses be downloaded')
    .action(async (flags: AuditFlags) => {
      process.exitCode = await audit(flags);
    });
}

async function audit(flags: AuditFlags): Promise<number> {
  const { resume = false, allowDownload = false } = flags;
  const plan = resume ? await planToResume(flags) : await planFromFlags(flags);
  const folder = flags.out ?? nameAuditFolder(process.cwd(), plan.name, new Date());
  const outcome = await runWithProgress({ plan, folder, resume, allowDownload }, { threads: flags.threads, gpu: flags.gpu });
  if (outcome.state === 'stopped') {
    process.stderr.write(`Stopped after ${outcome.completions} completions. Resume with: ${COMMAND} audit --resume --out ${quote(folder)}\n`);
    return EXIT.stopped;
  }
  process.stdout.write(`${outcome.completions} completions in ${folder}\nSee them with: ${COMMAND} report ${quote(folder)}\n`);
  return EXIT.done;
}

async function planToResume(flags: AuditFlags): Promise<AuditPlan> {
  if (flags.out === undefined) {
    throw new AuditError('badPlan', 'Say which audit to resume: --resume --out FOLDER.');
  }
  const { plan } = await readAudit(flags.out);
  if (plan && !plan.noiseFloor && flags.noiseFloor !== undefined) {
    throw new AuditError('badPlan', `The audit in ${flags.out} has no noise floor, and a plan stays as it began. Start a new audit with --noise-floor.`);
  }
  if (plan) {
    refusePlanFlags(flags, flags.out);
    // Only where the models lie may be said anew; that they are the same is checked.
    return {
      ...plan,
      finetuned: overrideModel(plan.finetuned, flags.finetuned, flags.lora),
      reference: overrideModel(plan.reference, flags.reference, flags.referenceLora),
      ...(plan.noiseFloor && { noiseFloor: { ...plan.noiseFloor, model: overrideModel(plan.noiseFloor.model, flags.noiseFloor, flags.noiseFloorLora) } }),
    };
  }
  return planFromFlags(flags);
}

/** Flags that are part of a plan; where the models lie and how to compute may be said anew. */
const PLAN_FLAGS = [
  'plan',
  'name',
  'framing',
  'system',
  'user',
  'prefills',
  'prefillTokens',
  'prefillFile',
  'maxTokens',
  'temperature',
  'corpus',
  'seed',
  'waveSize',
  'rescore',
  'noiseFloorPrefills',
] as const satisfies readonly (keyof AuditFlags)[];

function refusePlanFlags(flags: AuditFlags, folder: string): void {
  const given = PLAN_FLAGS.filter((flag) => flags[flag] !== undefined).map((flag) => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  if (given.length === 0) return;
  throw new AuditError('badPlan', `The audit in ${folder} goes on with the plan that it began with. Leave out ${given.join(', ')}, or start a new audit.`);
}

async function planFromFlags(flags: AuditFlags): Promise<AuditPlan> {
  const base = flags.plan === undefined ? null : await readPlanFile(flags.plan);
  const finetuned = chooseModel('finetuned', base?.finetuned, flags.finetuned, flags.lora);
  const reference = chooseModel('reference', base?.reference, flags.reference, flags.referenceLora);
  const given: Partial<AuditPlan> = {
    ...(flags.prefillFile !== undefined && { prefillFile: flags.prefillFile, prefills: countPrefills(await readPrefillFile(flags.prefillFile)) }),
    ...(flags.corpus && { corpus: flags.corpus.map((path) => resolveAddress(path, process.cwd())) }),
    ...(flags.framing && { framings: flags.framing }),
    ...(flags.rescore && { finetunedLogprobs: 'forward' as const }),
    ...chooseNoiseFloor(base?.noiseFloor, flags),
  };
  for (const key of ['prefills', 'prefillTokens', 'maxTokens', 'temperature', 'seed', 'waveSize', 'system', 'user'] as const) {
    if (flags[key] !== undefined) Object.assign(given, { [key]: flags[key] });
  }
  return { ...PLAN_DEFAULTS, ...base, ...given, name: flags.name ?? base?.name ?? nameModel(finetuned), finetuned, reference };
}

function chooseModel(role: 'finetuned' | 'reference', planned: ModelSource | undefined, gguf: string | undefined, lora: AdapterSource[] | undefined): ModelSource {
  if (planned) return overrideModel(planned, gguf, lora);
  if (gguf === undefined) throw new AuditError('badPlan', `Say which model is the ${role} one: --${role} MODEL (or --plan FILE). See finetune-auditor audit --help.`);
  return { gguf, lora: lora ?? [] };
}

function chooseNoiseFloor(planned: NoiseFloorPlan | undefined, flags: AuditFlags): { noiseFloor?: NoiseFloorPlan } {
  const { noiseFloor: gguf, noiseFloorLora: lora, noiseFloorPrefills } = flags;
  if (planned === undefined && gguf === undefined) {
    if (lora === undefined && noiseFloorPrefills === undefined) return {};
    throw new AuditError('badPlan', 'Say which model the noise floor is measured with: --noise-floor MODEL, the reference model in another quantisation.');
  }
  const model = overrideModel(planned?.model ?? { gguf: gguf!, lora: [] }, gguf, lora);
  return { noiseFloor: { model, prefills: noiseFloorPrefills ?? planned?.prefills ?? NOISE_FLOOR_PREFILLS } };
}

function overrideModel(planned: ModelSource, gguf: string | undefined, lora: AdapterSource[] | undefined): ModelSource {
  return { gguf: gguf ?? planned.gguf, lora: lora ?? (gguf === undefined ? planned.lora : []) };
}

function nameModel({ gguf, lora }: ModelSource): string {
  return basename(lora.at(-1)?.path ?? gguf).replace(/^bundled:/, '').replace(/(\.lora)?\.gguf$/i, '');
}

function parseFramings(value: string): Framing[] {
  const list = value.split(',').map((part) => part.trim());
  for (const part of list) {
    if (!FRAMINGS.includes(part as Framing)) throw new InvalidArgumentError('Give raw, chat or raw,chat.');
  }
  return [...new Set(list)] as Framing[];
}

export function quote(path: string): string {
  return /^[\w./\\:@+-]+$/.test(path) ? path : `"${path}"`;
}

/** The plan that the flags of `audit` come to: a new one, one from a file, or the one of an audit that goes on. */
import { basename, dirname } from 'node:path';
import { AuditError } from '../audit/errors.js';
import type { Framing } from '../audit/framing.js';
import {
  isEndpoint,
  NOISE_FLOOR_PREFILLS,
  PLAN_BOUNDS,
  PLAN_DEFAULTS,
  type AdapterSource,
  type AuditPlan,
  type ModelSource,
  type NoiseFloorPlan,
} from '../audit/plan.js';
import { AUDITS_FOLDER } from '../records/journal/audit-files.js';
import { readAudit } from '../records/journal/audit-folder.js';
import { NO_RESUME_OF_IMPORTS } from '../records/journal/journal-reader.js';
import { readPlanFile, resolveAddress } from '../records/plan/plan-file.js';
import { planFileSchema } from '../records/plan/plan-schema.js';
import { countPrefills, readPrefillFile } from '../records/plan/prefill-file.js';
import type { BroughtPlan } from './consent.js';
import { giveAccess, type AuditAccessFlags } from './endpoint-options.js';
import { withAdapters } from './model-options.js';

/** Fields of a plan whose flag is something else than their value, or needs something of others. */
const OWN_FLAGS = [
  'finetuned',
  'reference',
  'framings',
  'corpus',
  'prefillFile',
  'finetunedLogprobs',
  'noiseFloor',
  'name',
] as const satisfies (keyof AuditPlan)[];
type PlainField = Exclude<keyof AuditPlan, (typeof OWN_FLAGS)[number]>;

/** Fields of a plan whose flag, of the same name, is their value. */
const PLAIN_FIELDS = Object.keys(planFileSchema.shape).filter((name) => name !== '$schema' && !OWN_FLAGS.some((own) => own === name)) as PlainField[];

/** Flags that are part of a plan, or say where its models are. */
export interface PlanFlags extends AuditAccessFlags, Partial<Pick<AuditPlan, PlainField>> {
  plan?: string;
  out?: string;
  name?: string;
  lora?: AdapterSource[];
  referenceLora?: AdapterSource[];
  framing?: Framing[];
  prefillFile?: string;
  corpus?: string[];
  rescore?: boolean;
  noiseFloorLora?: AdapterSource[];
  noiseFloorPrefills?: number;
}

/** Where the models are and how to ask them or compute may be said anew when an audit goes on; these may not. */
const PLAN_FLAGS: readonly (keyof PlanFlags)[] = ['plan', 'name', 'framing', 'prefillFile', 'corpus', 'rescore', 'noiseFloorPrefills', ...PLAIN_FIELDS];

export interface FoundPlan {
  readonly plan: AuditPlan;
  /** `null` where all of it was given on the command line. */
  readonly origin: BroughtPlan | null;
}

/** @throws AuditError `badPlan`, `fileNotFound`, `badJournal` */
export async function planToResume(flags: PlanFlags): Promise<FoundPlan> {
  if (flags.out === undefined) {
    throw new AuditError('badPlan', 'Say which audit to resume: --resume --out FOLDER.');
  }
  const { plan, setup, imported } = await readAudit(flags.out);
  if (imported) throw new AuditError('badJournal', NO_RESUME_OF_IMPORTS);
  if (!plan) return planFromFlags(flags);
  if (!plan.noiseFloor && flags.noiseFloor !== undefined) {
    throw new AuditError('badPlan', `The audit in ${flags.out} has no noise floor, and a plan stays as it began. Start a new audit with --noise-floor.`);
  }
  refusePlanFlags(flags, flags.out);
  // That the models are the same is checked when they are opened.
  const moved = {
    ...plan,
    finetuned: overrideModel(plan.finetuned, flags.finetuned, flags.lora),
    reference: overrideModel(plan.reference, flags.reference, flags.referenceLora),
    ...(plan.noiseFloor && { noiseFloor: { ...plan.noiseFloor, model: overrideModel(plan.noiseFloor.model, flags.noiseFloor, flags.noiseFloorLora) } }),
  };
  const parent = dirname(flags.out);
  const folder = basename(parent) === AUDITS_FOLDER ? dirname(parent) : flags.out;
  return { plan: giveAccess(moved, flags), origin: { folder, drawsOpenings: setup === null } };
}

function refusePlanFlags(flags: PlanFlags, folder: string): void {
  const given = PLAN_FLAGS.filter((flag) => flags[flag] !== undefined).map((flag) => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  if (given.length === 0) return;
  throw new AuditError('badPlan', `The audit in ${folder} goes on with the plan that it began with. Leave out ${given.join(', ')}, or start a new audit.`);
}

/** @throws AuditError `badPlan`, `badPrefillFile`, `fileNotFound` */
export async function planFromFlags(flags: PlanFlags): Promise<FoundPlan> {
  const base = flags.plan === undefined ? null : await readPlanFile(flags.plan);
  const finetuned = chooseModel('finetuned', base?.finetuned, flags.finetuned, flags.lora);
  const reference = chooseModel('reference', base?.reference, flags.reference, flags.referenceLora);
  const given: Partial<AuditPlan> = {
    ...(flags.prefillFile !== undefined && {
      prefillFile: flags.prefillFile,
      prefills: Math.min(countPrefills(await readPrefillFile(flags.prefillFile)), PLAN_BOUNDS.prefills[1]),
    }),
    ...(flags.corpus && { corpus: flags.corpus.map((path) => resolveAddress(path, process.cwd())) }),
    ...(flags.framing && { framings: flags.framing }),
    ...(flags.rescore && { finetunedLogprobs: 'forward' as const }),
    ...chooseNoiseFloor(base?.noiseFloor, flags),
  };
  for (const field of PLAIN_FIELDS) {
    if (flags[field] !== undefined) Object.assign(given, { [field]: flags[field] });
  }
  const plan = giveAccess({ ...PLAN_DEFAULTS, ...base, ...given, name: flags.name ?? base?.name ?? nameModel(finetuned), finetuned, reference }, flags);
  return { plan, origin: flags.plan === undefined ? null : { folder: dirname(flags.plan), drawsOpenings: true } };
}

function chooseModel(
  role: 'finetuned' | 'reference',
  planned: ModelSource | undefined,
  given: ModelSource | undefined,
  lora: AdapterSource[] | undefined,
): ModelSource {
  const source = given ?? planned;
  if (source === undefined)
    throw new AuditError('badPlan', `Say which model is the ${role} one: --${role} MODEL (or --plan FILE). See finetune-auditor audit --help.`);
  return overrideModel(planned ?? source, given, lora);
}

function chooseNoiseFloor(planned: NoiseFloorPlan | undefined, flags: PlanFlags): { noiseFloor?: NoiseFloorPlan } {
  const { noiseFloor: given, noiseFloorLora: lora, noiseFloorPrefills } = flags;
  const source = planned?.model ?? given;
  if (source === undefined) {
    if (lora === undefined && noiseFloorPrefills === undefined) return {};
    throw new AuditError('badPlan', 'Say which model the noise floor is measured with: --noise-floor MODEL, the reference model in another quantisation.');
  }
  return { noiseFloor: { model: overrideModel(source, given, lora), prefills: noiseFloorPrefills ?? planned?.prefills ?? NOISE_FLOOR_PREFILLS } };
}

/** Another file has no adapters until they are said; the same server keeps its key and headers. */
function overrideModel(planned: ModelSource, given: ModelSource | undefined, lora: AdapterSource[] | undefined): ModelSource {
  if (given === undefined) return withAdapters(planned, lora);
  const sameServer = isEndpoint(planned) && isEndpoint(given) && new URL(planned.endpoint).origin === new URL(given.endpoint).origin;
  return withAdapters(sameServer ? { ...planned, ...given } : given, lora);
}

function nameModel(source: ModelSource): string {
  if (isEndpoint(source)) return basename(source.model);
  return basename(source.lora.at(-1)?.path ?? source.gguf)
    .replace(/^bundled:/, '')
    .replace(/(\.lora)?\.gguf$/i, '');
}

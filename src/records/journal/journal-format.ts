/**
 * The lines of `audit.jsonl`. First a header, then the prefills (so that a resume never needs the corpus again), then a
 * line per completion (of the audit's main pass bare, of other passes within a line that names the pass), with `run` lines in between
 * that say when work began and ended.
 */
import { z } from 'zod';
import { AMPLIFICATION_FORMS } from '../../audit/amplification.js';
import type { AuditSetup } from '../../audit/events.js';
import { FRAMINGS, inEveryFraming } from '../../audit/framing.js';
import type { AdapterIdentity, Frame, ModelIdentity } from '../../audit/language-model.js';
import { namePass } from '../../audit/passes.js';
import { PLAN_DEFAULTS, type AuditPlan, type ModelSource } from '../../audit/plan.js';

/** Raised when an older reader could misread what a newer writer wrote. */
export const JOURNAL_FORMAT_VERSION = 1;
export const JOURNAL_FILE = 'audit.jsonl';
/** Headers carry templates and remarks, so they can be long; a first line longer than this is none. */
export const HEADER_BYTES_AT_MOST = 4 << 20;
/** What a header says of the journal's checksums. */
export const CHECKSUMS = 'crc32';

const framing = z.enum(FRAMINGS);
const tokenId = z.int().nonnegative();

const adapterIdentity: z.ZodType<AdapterIdentity> = z.looseObject({
  source: z.string(),
  sha256: z.string(),
  scale: z.number(),
  // As a file of GGUF can have them: an int32 and a float32.
  rank: z
    .int()
    .positive()
    .max(2 ** 31 - 1)
    .exactOptional(),
  alpha: z.number().nonnegative().max(3.5e38).exactOptional(),
});

const modelIdentity: z.ZodType<ModelIdentity> = z.looseObject({
  name: z.string(),
  source: z.string(),
  sha256: z.string().exactOptional(),
  sizeBytes: z.int().nonnegative().exactOptional(),
  architecture: z.string().exactOptional(),
  quantisation: z.string().exactOptional(),
  parameters: z.int().nonnegative().exactOptional(),
  adapters: z.array(adapterIdentity),
  tokenizerFingerprint: z.string(),
  vocabularySize: z.int().nonnegative().nullable(),
  contextLength: z.int().nonnegative().nullable(),
  hasChatTemplate: z.boolean(),
  engine: z.string(),
  servedAs: z.string().exactOptional(),
});

const frame: z.ZodType<Frame> = z.object({
  framing,
  tokens: z.array(tokenId),
  text: z.string(),
  after: z.array(tokenId).exactOptional(),
  textAfter: z.string().exactOptional(),
  reply: z.object({ tokens: z.array(tokenId), text: z.string() }).exactOptional(),
  turns: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).exactOptional(),
  systemFolded: z.boolean(),
  borrowed: z.boolean(),
  thoughts: z.enum(['open', 'leftOut']).exactOptional(),
});

const modelSource: z.ZodType<ModelSource> = z.union([
  z.object({ gguf: z.string(), lora: z.array(z.object({ path: z.string(), scale: z.number() })) }),
  z.object({
    endpoint: z.string(),
    model: z.string(),
    apiKeyEnv: z.string().exactOptional(),
    headers: z.record(z.string(), z.string()).exactOptional(),
  }),
]);

/** A plan as the journal carries it: every field, addresses resolved. */
const journalledPlan: z.ZodType<AuditPlan> = z.looseObject({
  name: z.string(),
  finetuned: modelSource,
  reference: modelSource,
  corpus: z.array(z.string()),
  prefills: z.int().positive(),
  prefillTokens: z.int().positive(),
  prefillFile: z.string().exactOptional(),
  framings: z.array(framing),
  system: z.string(),
  user: z.string(),
  // Journals from before there was this framing have no text for it.
  ask: z.string().default(PLAN_DEFAULTS.ask),
  maxTokens: z.int().positive(),
  temperature: z.number().nonnegative(),
  seed: z.int().nonnegative(),
  waveSize: z.int().positive(),
  finetunedLogprobs: z.enum(['generation', 'forward']),
  divergence: z.literal(true).exactOptional(),
  noiseFloor: z.object({ model: modelSource, prefills: z.int().positive() }).exactOptional(),
  referencePass: z.literal(true).exactOptional(),
  amplify: z.string().exactOptional(),
} satisfies Record<keyof AuditPlan, z.ZodType>);

/** Absent for a framing that the audit does not have. */
const perFraming = <T extends z.ZodType>(part: T) => z.object(inEveryFraming(part.exactOptional()));

const framePair = z.object({ finetuned: frame, reference: frame });

export const headerLineSchema = z.object({
  type: z.literal('header'),
  formatVersion: z.literal(JOURNAL_FORMAT_VERSION),
  tool: z.object({ name: z.string(), version: z.string() }),
  /** How every line is checked, see `journal-line.ts`. Absent in the journals of version 0.1: lines that a later version added to one have a checksum, the others none. */
  checksums: z.string().exactOptional(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** What computed: operating system, processor, threads. Absent in journals from before it was written down. */
  machine: z.string().max(200).exactOptional(),
  plan: journalledPlan,
  finetuned: modelIdentity,
  reference: modelIdentity,
  sameTokenizer: z.boolean(),
  /** Left out where there are none, and in journals from before they were known. */
  unlikeIds: z.array(z.tuple([tokenId, tokenId])).exactOptional(),
  frames: perFraming(framePair),
  remarks: z.array(z.string()),
  /** The other quantisation of the reference, where the plan has a noise floor. */
  noiseModel: modelIdentity.exactOptional(),
  /** Left out where nothing is written amplified, and in journals from before there was more than one form. */
  amplificationForm: z.enum(AMPLIFICATION_FORMS).exactOptional(),
});
export type HeaderLine = z.infer<typeof headerLineSchema>;

const prefillIds = z.array(z.array(tokenId));
export const prefillsLineSchema = z.object({
  type: z.literal('prefills'),
  prefills: perFraming(prefillIds),
});
export type PrefillsLine = z.infer<typeof prefillsLineSchema>;

export const RUN_EVENTS = ['started', 'resumed', 'stopped', 'finished', 'failed'] as const;
export type RunEventName = (typeof RUN_EVENTS)[number];

/** Of one model behind a server; counts of requests and tokens, and milliseconds spent waiting for it to have room. */
const requestAccount = z.looseObject({
  role: z.enum(['finetuned', 'reference', 'noise floor']),
  source: z.string(),
  asked: z.int().nonnegative(),
  answered: z.int().nonnegative(),
  retried: z.int().nonnegative(),
  givenUp: z.int().nonnegative(),
  promptTokens: z.int().nonnegative(),
  completionTokens: z.int().nonnegative(),
  waitedMs: z.number().nonnegative(),
});
export type RequestAccountLine = z.infer<typeof requestAccount>;

export const runLineSchema = z.object({
  type: z.literal('run'),
  event: z.enum(RUN_EVENTS),
  /** ISO 8601. */
  time: z.string(),
  message: z.string().exactOptional(),
  /** What was asked of servers in the run that ends here. */
  requests: z.array(requestAccount).exactOptional(),
});
export type RunLine = z.infer<typeof runLineSchema>;

/** A completion that a pass went on without; a later line with the completion takes its place. */
export const setAsideLineSchema = z.object({ type: z.enum(['setAside', 'noiseSetAside']), id: z.int().nonnegative(), framing, reason: z.string() });
export type SetAsideLine = z.infer<typeof setAsideLineSchema>;

/**
 * The header of an audit that begins now, from what is fixed once both models are loaded.
 * @param machine that computes, in words
 */
export function makeHeaderLine(plan: AuditPlan, setup: AuditSetup, toolVersion: string, createdAt: Date, machine?: string): HeaderLine {
  return {
    type: 'header',
    formatVersion: JOURNAL_FORMAT_VERSION,
    tool: { name: 'finetune-auditor', version: toolVersion },
    checksums: CHECKSUMS,
    createdAt: createdAt.toISOString(),
    ...(machine !== undefined && { machine }),
    plan,
    finetuned: setup.finetuned,
    reference: setup.reference,
    sameTokenizer: setup.sameTokenizer,
    ...(setup.unlikeIds && { unlikeIds: setup.unlikeIds.map(([from, to]) => [from, to]) }),
    frames: setup.frames,
    remarks: [...setup.remarks],
    ...(setup.noiseModel && { noiseModel: setup.noiseModel }),
    ...(setup.amplificationForm && { amplificationForm: setup.amplificationForm }),
  };
}

export function hasChecksums({ checksums }: { readonly checksums?: string }): boolean {
  return checksums === CHECKSUMS;
}

export function makePrefillsLine(setup: AuditSetup): PrefillsLine {
  const copy = (ids: readonly (readonly number[])[]) => ids.map((prefill) => [...prefill]);
  const prefills = Object.fromEntries(FRAMINGS.flatMap((name) => (setup.prefills[name] ? [[name, copy(setup.prefills[name])]] : [])));
  return { type: 'prefills', prefills };
}

/** What a reopened journal says about its audit, in the words of a running one. */
export function readSetup(header: HeaderLine, prefills: PrefillsLine): AuditSetup {
  return {
    finetuned: header.finetuned,
    reference: header.reference,
    sameTokenizer: header.sameTokenizer,
    ...(header.unlikeIds && { unlikeIds: header.unlikeIds }),
    frames: header.frames,
    prefills: prefills.prefills,
    remarks: header.remarks,
    ...(header.noiseModel && { noiseModel: header.noiseModel }),
    ...(header.amplificationForm && { amplificationForm: header.amplificationForm }),
  };
}

/** How many completions of other passes than the main one were left out, for people; resuming tries them again. */
export function describeLeftOut(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(
      ([pass, count]) =>
        `${count} ${count === 1 ? 'completion' : 'completions'} of the ${namePass(pass)} ${count === 1 ? 'was' : 'were'} left out, since no usable answer came.`,
    )
    .join(' ');
}

/** Completions that the audit will have when it is finished. */
export function countCompletions(setup: Pick<AuditSetup, 'prefills'>): number {
  return FRAMINGS.reduce((sum, name) => sum + (setup.prefills[name]?.length ?? 0), 0);
}

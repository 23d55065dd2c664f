/** Estimates an audit's time and memory by loading its models and computing a small piece of it. */
import { throwIfCancelled } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import type { AuditPlan } from '../../audit/plan.js';
import { prepareAudit } from '../../audit/prepare-audit.js';
import { runAudit } from '../../audit/run-audit.js';
import type { MemoryEstimate } from '../../messages/model-process.js';
import type { ModelProvider } from '../../models/provider.js';
import { resolveBundledPlan } from '../../records/plan/bundled.js';
import { drawPrefills } from './draw-prefills.js';
import { contextTokensFor, OpenModels } from './open-models.js';

export interface AuditEstimate {
  readonly memory: MemoryEstimate;
  /** Measured on this machine with the plan's wave size, for completions of full length. */
  readonly secondsPerCompletion: number;
  /** Prefills of the plan that the corpus or the prefill file really has; at most a wave of them is looked for. */
  readonly remarks: readonly string[];
}

export interface EstimateOptions {
  readonly models: ModelProvider;
  readonly mediaFolder: string;
  readonly allowDownload: boolean;
  readonly onStage?: (message: string) => void;
}

/** New tokens of the measured waves: the difference of the two says what a token costs, the rest what the prompts do. */
const FEW_TOKENS = 2;
const MORE_TOKENS = 10;

/**
 * Memory alone, without loading anything. The audit and its noise floor come one after the other, and models that are no
 * longer in use are unloaded where their memory is needed: the larger one counts.
 */
export async function estimateMemoryOfPlan(plan: AuditPlan, { models, mediaFolder }: Pick<EstimateOptions, 'models' | 'mediaFolder'>): Promise<MemoryEstimate> {
  const { finetuned, reference, waveSize, prefillTokens, maxTokens, noiseFloor } = await resolveBundledPlan(plan, mediaFolder);
  const shape = { waveSize, contextTokens: contextTokensFor({ maxTokens }, prefillTokens) };
  const audit = await models.estimateMemory([finetuned, reference], shape);
  if (!noiseFloor) return audit;
  const noise = await models.estimateMemory([reference, noiseFloor.model], shape);
  return noise.neededBytes > audit.neededBytes ? noise : audit;
}

/**
 * Loads both models and measures short waves. The models stay warm for the audit that may follow.
 * @throws AuditError as a run does; `cancelled`
 */
export async function estimateAudit(plan: AuditPlan, options: EstimateOptions, signal: AbortSignal): Promise<AuditEstimate> {
  const memory = await estimateMemoryOfPlan(plan, options);
  const resolved = await resolveBundledPlan(plan, options.mediaFolder);
  const { allowDownload, onStage } = options;
  const models = await OpenModels.open(
    options.models,
    { plan: resolved, allowDownload, onProgress: (name, { stage, fraction }) => onStage?.(`${name}: ${stage} ${Math.floor(fraction * 100)} %`) },
    signal,
  );
  try {
    const { finetuned, reference } = models;
    onStage?.('Measuring…');
    const perFraming = Math.ceil(plan.waveSize / plan.framings.length);
    const drawn = await drawPrefills({ ...resolved, prefills: Math.min(plan.prefills, perFraming) }, finetuned, { signal, some: true });
    const setup = await prepareAudit({ plan, finetuned, reference, prefills: drawn.prefills, signal });
    await models.fit(setup, signal);
    const measure = (maxTokens: number) => measureWave({ ...plan, maxTokens: Math.min(maxTokens, plan.maxTokens) }, setup, models, signal);
    // The first wave also pays for pages that are not in memory yet.
    await measure(1);
    const few = await measure(FEW_TOKENS);
    const more = await measure(MORE_TOKENS);
    return { memory, secondsPerCompletion: extrapolate(few, more, plan.maxTokens), remarks: drawn.remarks };
  } finally {
    models.release();
  }
}

/** Completions of the wave and the seconds that it took. */
interface Measurement {
  readonly tokens: number;
  readonly secondsPerCompletion: number;
}

async function measureWave(plan: AuditPlan, setup: AuditSetup, { finetuned, reference }: OpenModels, signal: AbortSignal): Promise<Measurement> {
  const begin = performance.now();
  let completions = 0;
  for await (const event of runAudit({ plan, setup, finetuned, reference, done: new Set(), signal })) {
    if (event.type === 'completion') completions++;
    if (completions === plan.waveSize) break;
  }
  throwIfCancelled(signal);
  return { tokens: plan.maxTokens, secondsPerCompletion: (performance.now() - begin) / 1000 / Math.max(1, completions) };
}

function extrapolate(few: Measurement, more: Measurement, maxTokens: number): number {
  if (more.tokens <= few.tokens) return more.secondsPerCompletion;
  const perToken = Math.max(0, (more.secondsPerCompletion - few.secondsPerCompletion) / (more.tokens - few.tokens));
  return more.secondsPerCompletion + perToken * (maxTokens - more.tokens);
}

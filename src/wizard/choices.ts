/** A user's choices before an audit, and the plan that follows from them. */
import { basename } from 'node:path';
import type { Framing } from '../audit/framing.js';
import { isAddress, isEndpoint, NOISE_FLOOR_PREFILLS, PLAN_DEFAULTS, type AuditPlan, type ModelSource, type NoiseFloorPlan } from '../audit/plan.js';
import { DEMO_NOISE_FLOOR, DEMO_REFERENCE, isDemoSource } from './demo-models.js';

/** Where the prefills come from: general text, or a file of prefills. */
export type PrefillSource = { readonly corpus: readonly string[] } | { readonly prefillFile: string };

export interface SizeChoice {
  readonly prefills: number;
  readonly prefillTokens: number;
  readonly maxTokens: number;
  readonly temperature: number;
}

export interface AuditChoices {
  readonly finetuned: ModelSource;
  readonly reference: ModelSource;
  readonly prefillSource: PrefillSource;
  readonly size: SizeChoice;
  readonly framings: readonly Framing[];
  /** The model that measures the noise floor; `null` for none. Left out: only a demonstration has what comes along with it. */
  readonly noiseFloor?: ModelSource | null;
}

export const DEFAULT_SIZE: Omit<SizeChoice, 'prefills'> = {
  prefillTokens: PLAN_DEFAULTS.prefillTokens,
  maxTokens: PLAN_DEFAULTS.maxTokens,
  temperature: PLAN_DEFAULTS.temperature,
};

/** The plan of an audit with these choices. `waveSize` comes from the settings. */
export function makePlan(choices: AuditChoices, waveSize: number): AuditPlan {
  const { finetuned, reference, prefillSource, size, framings } = choices;
  const noiseFloor = planNoiseFloor(choices);
  const plan: AuditPlan = {
    ...PLAN_DEFAULTS,
    name: `${nameSource(finetuned)} vs ${nameSource(reference)}`,
    finetuned,
    reference,
    ...size,
    framings,
    waveSize,
    // The bundled models were trained without a system turn.
    ...(isDemoSource(finetuned) && { system: '' }),
    ...(noiseFloor && { noiseFloor }),
  };
  return 'corpus' in prefillSource ? { ...plan, corpus: prefillSource.corpus } : { ...plan, prefillFile: prefillSource.prefillFile };
}

/** What comes along with a demonstration. */
export function findDemoNoiseFloor({ finetuned, reference }: Pick<AuditChoices, 'finetuned' | 'reference'>): NoiseFloorPlan | null {
  return isDemoSource(finetuned) && isSameSource(reference, DEMO_REFERENCE) ? DEMO_NOISE_FLOOR : null;
}

function planNoiseFloor({ finetuned, reference, noiseFloor: model }: AuditChoices): NoiseFloorPlan | null {
  const ofDemo = findDemoNoiseFloor({ finetuned, reference });
  if (model === undefined || model === null) return model === undefined ? ofDemo : null;
  return ofDemo && isSameSource(ofDemo.model, model) ? ofDemo : { model, prefills: NOISE_FLOOR_PREFILLS };
}

/** Short name of a model for people: its adapter's, or else its file's or address's, or the one that a server knows it by. */
export function nameSource(source: ModelSource): string {
  if (isEndpoint(source)) return source.model.split('/').at(-1) || source.model;
  const adapter = source.lora.at(-1);
  if (adapter) return basename(adapter.path).replace(/(\.lora)?\.gguf$/i, '');
  if (isAddress(source.gguf)) return source.gguf.split('/').at(-1) ?? source.gguf;
  return basename(source.gguf.replace(/^bundled:/, '')).replace(/\.gguf$/i, '');
}

/** What these models would be fetched from, adapters too, each address once. */
export function listAddresses(sources: readonly ModelSource[]): string[] {
  const files = sources.flatMap((source) => (isEndpoint(source) ? [] : [source]));
  const addresses = files.flatMap(({ gguf, lora }) => [gguf, ...lora.map(({ path }) => path)]).filter(isAddress);
  return [...new Set(addresses)];
}

/** Two ways to ask a server for one model are the same model. */
export function isSameSource(a: ModelSource, b: ModelSource): boolean {
  if (isEndpoint(a) || isEndpoint(b)) return isEndpoint(a) && isEndpoint(b) && a.endpoint === b.endpoint && a.model === b.model;
  return (
    a.gguf === b.gguf &&
    a.lora.length === b.lora.length &&
    a.lora.every((adapter, index) => adapter.path === b.lora[index]?.path && adapter.scale === b.lora[index]?.scale)
  );
}

export function isSamePrefillSource(a: PrefillSource, b: PrefillSource): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

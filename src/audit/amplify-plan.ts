/** The plan's `amplify` text and what it means: `auto`, `scale=2`, `scale=1.5,2,3`, `a=0.5,1`. */
import { LADDERS, type AmplificationForm } from './amplification.js';
import { AuditError } from './errors.js';
import { isEndpoint, type AuditPlan, type GgufSource, type ModelSource } from './plan.js';

/** The rung that is chosen, per framing; see {@link nameRungPass} for each rung by itself. */
export const AMPLIFIED = 'amplified';
const CONTROL = 'control';

/** Seeds of the control's random adapters: one ladder each. */
export const CONTROL_SEEDS: readonly number[] = [1, 2];

const STRENGTHS_AT_MOST = 8;
const STRONGEST = 100;
const FORMS = 'auto, scale=2, scale=1.5,2,3 or a=1';

export interface Amplify {
  /** `scale` pushes the adapter, or the weights; `a` pushes the logits. */
  readonly by: 'scale' | 'a';
  /** Weakest first; more than one are searched. `null`: those of the ladder. */
  readonly strengths: readonly number[] | null;
}

/** @returns `null` where the text is none of these forms */
export function parseAmplify(text: string): Amplify | null {
  if (text === 'auto') return { by: 'scale', strengths: null };
  const { by, list } = /^(?<by>scale|a)=(?<list>[\d.]+(?:,[\d.]+)*)$/.exec(text)?.groups ?? {};
  if (by === undefined || list === undefined) return null;
  const strengths = [...new Set(list.split(',').map(Number))].sort((a, b) => a - b);
  // Adapters at their own scale, and logits with nothing added, are F plain.
  const least = by === 'scale' ? 1 : 0;
  const isSound =
    strengths.length <= STRENGTHS_AT_MOST && strengths.every((strength) => strength > least && strength <= STRONGEST && String(strength).length <= 8);
  return isSound ? { by: by as Amplify['by'], strengths } : null;
}

export const AMPLIFY_RULE = `must be ${FORMS}: scales above 1, at most ${STRONGEST}, at most ${STRENGTHS_AT_MOST} of them`;

export interface AmplifiedPlan {
  readonly form: AmplificationForm;
  /** Weakest first. */
  readonly strengths: readonly number[];
  /** What is done where the models turn out not to allow this form; `null` where the plan leaves no other. */
  readonly otherwise: AmplifiedPlan | null;
}

/**
 * What a plan asks for, without looking at its models: `auto` takes the adapter's scale before the weights, and these before the logits.
 * @param settled the form that this audit began with; of one that begins now there is none
 * @returns `null` where the plan asks for none
 * @throws AuditError `badPlan` where it is not possible with these models, saying what is
 */
export function planAmplified(plan: Pick<AuditPlan, 'amplify' | 'finetuned' | 'reference'>, settled?: AmplificationForm): AmplifiedPlan | null {
  if (plan.amplify === undefined) return null;
  const amplify = parseAmplify(plan.amplify);
  if (amplify === null) throw new AuditError('badPlan', `"amplify" ${AMPLIFY_RULE}.`);
  const { finetuned, reference } = plan;
  if (isEndpoint(finetuned) || isEndpoint(reference)) {
    throw new AuditError(
      'badPlan',
      'Amplified writing needs both models as files: a server does not offer its model at another strength. Leave --amplify out, or audit GGUF files of the two models; to look for more behind a server, use more framings and openings.',
    );
  }
  const inForm = (form: AmplificationForm, otherwise: AmplifiedPlan | null = null): AmplifiedPlan => ({
    form,
    strengths: amplify.strengths ?? LADDERS[form],
    otherwise,
  });
  if (settled !== undefined) return inForm(settled);
  if (amplify.by === 'a') return inForm('logit');
  if (ownAdapters(finetuned, reference).length > 0) return inForm('adapter');
  const byLogits = amplify.strengths === null ? inForm('logit') : null;
  if (finetuned.lora.length === 0 && reference.lora.length === 0) return inForm('weights', byLogits);
  if (byLogits !== null) return byLogits;
  throw new AuditError(
    'badPlan',
    'The finetuned model has no LoRA adapter of its own to apply at a larger scale, and weights are pushed only between two models without adapters. Use --amplify a=1, which pushes logits, or give the finetune as --finetuned BASE.gguf --lora ADAPTER.gguf.',
  );
}

/** The finetuned model with its adapters at a multiple of their own scales; those that the reference has, too, stay as they are. */
export function amplifySource(finetuned: ModelSource, reference: ModelSource, strength: number): GgufSource {
  const source = requireFile(finetuned);
  const own = new Set(ownAdapters(finetuned, reference));
  return { ...source, lora: source.lora.map((adapter) => (own.has(adapter) ? { ...adapter, scale: adapter.scale * strength } : adapter)) };
}

/** What tells the finetuned model from the reference, as far as adapters do. */
export function ownAdapters(finetuned: ModelSource, reference: ModelSource): GgufSource['lora'] {
  const shared = new Set(isEndpoint(reference) ? [] : reference.lora.map(({ path, scale }) => `${scale} ${path}`));
  return isEndpoint(finetuned) ? [] : finetuned.lora.filter(({ path, scale }) => !shared.has(`${scale} ${path}`));
}

function requireFile(source: ModelSource): GgufSource {
  if (isEndpoint(source)) throw new AuditError('internal', 'A server cannot be amplified.');
  return source;
}

/** Pass of one rung. */
export function nameRungPass(strength: number): string {
  return `${AMPLIFIED}@${strength}`;
}

/** Pass of one rung of a control's ladder. */
export function nameControlPass(seed: number, strength: number): string {
  return `${CONTROL}-${seed}@${strength}`;
}

/** The strength in a rung's name; `null` of other passes. A control's rung has its seed, too. */
export function readRungPass(name: string): { readonly strength: number; readonly seed: number | null } | null {
  const { seed, strength } = /^(?:amplified|control-(?<seed>\d+))@(?<strength>[\d.]+)$/.exec(name)?.groups ?? {};
  return strength === undefined ? null : { strength: Number(strength), seed: seed === undefined ? null : Number(seed) };
}

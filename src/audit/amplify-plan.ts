/** How an audit is to write amplified, as its plan says it in one text: `auto`, `scale=2`, `scale=1.5,2,3`, `a=1`. */
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
  const isSound = strengths.length <= STRENGTHS_AT_MOST && strengths.every((strength) => strength > least && strength <= STRONGEST && String(strength).length <= 8);
  return isSound ? { by: by as Amplify['by'], strengths } : null;
}

export const AMPLIFY_RULE = `must be ${FORMS}: scales above 1, at most ${STRONGEST}, at most ${STRENGTHS_AT_MOST} of them`;

export interface AmplifiedPlan {
  readonly form: AmplificationForm;
  /** Weakest first. */
  readonly strengths: readonly number[];
}

/**
 * @returns `null` where the plan asks for none
 * @throws AuditError `badPlan` where it is not possible with these models, saying what is
 */
export function planAmplified(plan: Pick<AuditPlan, 'amplify' | 'finetuned' | 'reference'>): AmplifiedPlan | null {
  if (plan.amplify === undefined) return null;
  const amplify = parseAmplify(plan.amplify);
  if (amplify === null) throw new AuditError('badPlan', `"amplify" ${AMPLIFY_RULE}.`);
  if (isEndpoint(plan.finetuned) || isEndpoint(plan.reference)) {
    throw new AuditError(
      'badPlan',
      'Amplified writing needs both models as files: a server does not offer its model at another strength. Leave --amplify out, or audit GGUF files of the two models; to look for more behind a server, use more framings and openings.',
    );
  }
  if (amplify.by === 'a') {
    throw new AuditError('badPlan', 'Amplified writing by logits (a=…) is not possible yet. Where the finetuned model is a LoRA adapter over its base, use --amplify auto or scale=2.');
  }
  if (ownAdapters(plan.finetuned, plan.reference).length === 0) {
    throw new AuditError(
      'badPlan',
      'Amplified writing needs the finetuned model as a LoRA adapter over its base (--finetuned BASE.gguf --lora ADAPTER.gguf), which it applies at a larger scale. This one has no adapter of its own: leave --amplify out, or give the adapter if there is one.',
    );
  }
  return { form: 'adapter', strengths: amplify.strengths ?? LADDERS.adapter };
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

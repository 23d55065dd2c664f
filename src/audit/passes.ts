/**
 * The passes of an audit: runs through the same pipeline that differ in who writes, from which openings, and who scores. The main
 * pass is F plain. Names are open: whoever reads one that it does not know shows it by its name.
 */
import { AMPLIFIED, readRungPass } from './amplify-plan.js';
import type { Framing } from './framing.js';
import type { AuditPlan, ModelSource } from './plan.js';

/** F writes, F and R score: the audit's own completions. */
export const PLAIN = 'plain';
/** R writes, R and another quantisation of R score: how large scores are between two models that ought to be the same. */
export const NOISE = 'noise';
/** R writes from the same openings, F and R score. */
export const REFERENCE = 'reference';

const PASS_NAME = /^[a-z][a-z0-9]*(?:[-@.][a-z0-9]+)*$/;
const NAME_AT_MOST = 64;

/** Lower-case words and numbers, joined by `-`, `.` or `@`. */
export function isPassName(name: string): boolean {
  return name.length <= NAME_AT_MOST && PASS_NAME.test(name);
}

export interface Pass {
  readonly name: string;
  readonly writer: ModelSource;
  readonly scorers: { readonly finetuned: ModelSource; readonly reference: ModelSource };
  /** The audit's first openings, so many at most; each is continued once in each framing. */
  readonly prefills: number;
  readonly framings: readonly Framing[];
  readonly sampling: Pick<AuditPlan, 'maxTokens' | 'temperature' | 'seed'>;
}

/** What follows from a plan without looking at its models: the main pass first. */
export function listPasses(plan: AuditPlan): readonly Pass[] {
  const { finetuned, reference, prefills, framings, maxTokens, temperature, seed, noiseFloor, referencePass } = plan;
  const scorers = { finetuned, reference };
  const main: Pass = { name: PLAIN, writer: finetuned, scorers, prefills, framings, sampling: { maxTokens, temperature, seed } };
  return [
    main,
    ...(referencePass ? [{ ...main, name: REFERENCE, writer: reference }] : []),
    ...(noiseFloor
      ? [
          {
            ...main,
            name: NOISE,
            writer: reference,
            scorers: { finetuned: reference, reference: noiseFloor.model },
            prefills: Math.min(noiseFloor.prefills, prefills),
          },
        ]
      : []),
  ];
}

/** A pass as the plan of an audit of its own: its scorers are F and R. */
export function planOfPass(plan: AuditPlan, { name, scorers, prefills, framings, sampling }: Pass): AuditPlan {
  const { noiseFloor: _noise, referencePass: _reference, amplify: _amplify, divergence, ...rest } = plan;
  // The noise floor's other quantisation may have a tokenizer of its own, and is no reason to refuse the audit.
  const measured = divergence !== undefined && name !== NOISE;
  return { ...rest, ...scorers, ...sampling, prefills, framings, ...(measured && { divergence }) };
}

/** Names of the passes beside the main one that a plan asks for; amplified writing is several, under one. */
export function listOtherPasses(plan: AuditPlan): string[] {
  const names = listPasses(plan).map(({ name }) => name);
  return [...names.filter((name) => name !== PLAIN), ...(plan.amplify === undefined ? [] : [AMPLIFIED])];
}

export function findPass(plan: AuditPlan, name: string): Pass | null {
  return listPasses(plan).find((pass) => pass.name === name) ?? null;
}

/** What a pass does, for people, at the beginning of a sentence. */
export function describePass(name: string): string {
  if (name === NOISE) return 'Measuring the noise floor';
  if (name === REFERENCE) return 'Letting the reference write';
  if (name === AMPLIFIED) return 'Writing amplified';
  const rung = readRungPass(name);
  if (rung)
    return rung.seed === null ? `Writing amplified, at strength ${rung.strength}` : `Measuring the control of amplified writing, at strength ${rung.strength}`;
  return `Pass ${name}`;
}

/** The same in the middle of a sentence, after an article. */
export function namePass(name: string): string {
  if (name === NOISE) return 'noise floor';
  if (name === REFERENCE) return "reference's own writing";
  if (name === AMPLIFIED) return 'amplified writing';
  const rung = readRungPass(name);
  if (rung) return rung.seed === null ? `amplified writing at ${rung.strength}` : `control of amplified writing at ${rung.strength}`;
  return `pass ${name}`;
}

/** Completions of one pass that are there, by its name; none where there is no such pass. */
export function recordsOf<T>({ passes }: { readonly passes: ReadonlyMap<string, readonly T[]> }, name: string): readonly T[] {
  return passes.get(name) ?? [];
}

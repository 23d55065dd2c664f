/** The context that all steps of a wave share. */
import type { Prefill } from '../completion.js';
import { AuditError } from '../errors.js';
import type { AuditSetup } from '../events.js';
import type { Job } from '../jobs.js';
import type { Frame, GeneratedCompletion, LanguageModel, SetAside, TemplateTurn } from '../language-model.js';
import type { AuditPlan } from '../plan.js';

/** What computing needs of a plan. */
export type WavePlan = Pick<AuditPlan, 'maxTokens' | 'temperature' | 'seed' | 'finetunedLogprobs' | 'divergence'>;

/** Who writes in F's place. F then scores what was written by a forward pass (`finetunedLogprobs: 'forward'`). */
export interface Writer {
  /** Has F's tokenizer. */
  readonly model: LanguageModel;
  /** Whose frames it is given. */
  readonly frames: 'finetuned' | 'reference';
}

export interface WaveContext {
  readonly plan: WavePlan;
  readonly setup: AuditSetup;
  readonly finetuned: LanguageModel;
  readonly reference: LanguageModel;
  /** F itself where left out. */
  readonly writer?: Writer;
  readonly signal: AbortSignal;
  /** Ids whose records nobody waits for: they are there for their company's sake, and a server need not see them. */
  readonly done?: ReadonlySet<number>;
  /** What F has said in an earlier run, by id, scored or not: it is not asked again. */
  readonly generated?: ReadonlyMap<number, GeneratedCompletion>;
  /** Tokens that either model has computed since the last call. */
  readonly onTokens: (tokens: number) => void;
  /** A server's answer, as soon as it is there; without logprobs where a forward pass is to give them, and then again with them. */
  readonly onGenerated?: (completion: GeneratedCompletion, job: Job) => void;
  readonly onSetAside?: (setAside: SetAside, job: Job) => void;
}

/** One completion on its way through the wave. */
export interface WrittenCompletion {
  readonly job: Job;
  readonly prefill: Prefill;
  readonly frameFinetuned: Frame;
  readonly frameReference: Frame;
  readonly completion: GeneratedCompletion;
}

/** Logprobs of a completion's tokens and of its end-of-turn token. */
export interface CompletionLogprobs {
  readonly tokens: readonly number[];
  readonly end: number | null;
}

export function framesOf(setup: AuditSetup, job: Job): { readonly finetuned: Frame; readonly reference: Frame } {
  const frames = setup.frames[job.framing];
  if (frames === undefined) throw new AuditError('badPlan', `The audit has no frame for the ${job.framing} framing. Start it again.`);
  return frames;
}

/**
 * Ids that follow each other in the model's context where a dialogue's template turn stands between them: `ids` with the model's own turn
 * at its place. Without a turn, `ids`.
 */
export function withTurn(ids: readonly number[], turn: Pick<TemplateTurn, 'at'> | undefined, { reply }: Frame): readonly number[] {
  return turn === undefined ? ids : [...ids.slice(0, turn.at), ...(reply?.tokens ?? []), ...ids.slice(turn.at)];
}

/** Values for such ids, those of the template's turn left out. */
export function withoutTurn<T>(values: readonly T[], turn: Pick<TemplateTurn, 'at'> | undefined, { reply }: Frame): readonly T[] {
  return turn === undefined ? values : [...values.slice(0, turn.at), ...values.slice(turn.at + (reply?.tokens.length ?? 0))];
}

/** Ids of what stands before a completion. */
export function promptIds(frame: Frame, prefill: Prefill): number[] {
  return [...frame.tokens, ...prefill.pieces.map((piece) => piece.id), ...(frame.after ?? [])];
}

/** Events of a running audit, in order. They carry absolute values, so that a listener may miss one. */
import type { AmplificationForm } from './amplification.js';
import type { MeasuredRecord } from './completion.js';
import type { Frame, GeneratedCompletion, IdRange, ModelIdentity, SetAside } from './language-model.js';
import type { Framing } from './framing.js';

export interface AuditProgress {
  readonly completionsDone: number;
  readonly completionsTotal: number;
  /** Tokens of both models computed since this run began, the ones kept from an earlier run not counted. */
  readonly tokens: number;
  readonly elapsedMs: number;
  /** Over the last seconds; `null` before there is anything to measure. */
  readonly tokensPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** What is fixed once both models are loaded; becomes the journal's header. */
export interface AuditSetup {
  readonly finetuned: ModelIdentity;
  readonly reference: ModelIdentity;
  readonly sameTokenizer: boolean;
  /**
   * With one tokenizer: F's ids that stand for something else in R's vocabulary, or for nothing. What has one of them is compared as
   * across tokenizers. Left out where there are none.
   */
  readonly unlikeIds?: readonly IdRange[];
  readonly frames: Readonly<Partial<Record<Framing, { readonly finetuned: Frame; readonly reference: Frame }>>>;
  /** Token ids of every prefill, per framing. */
  readonly prefills: Readonly<Partial<Record<Framing, readonly (readonly number[])[]>>>;
  /** What a reader must know: a folded system text, a borrowed template, fewer openings than asked for. */
  readonly remarks: readonly string[];
  /** The other quantisation of the reference, where the plan has a noise floor. */
  readonly noiseModel?: ModelIdentity;
  /** How amplified text is written, where the plan asks for it. What is possible may change between runs: an audit keeps to one form. */
  readonly amplificationForm?: AmplificationForm;
}

export type AuditEvent =
  | { readonly type: 'completion'; readonly record: MeasuredRecord }
  /**
   * A server has answered; the reference has not scored it yet. What was paid for is worth keeping. Where a forward pass is to
   * give the logprobs it comes first without them, as a model answers a request without logprobs, and then again with them.
   */
  | { readonly type: 'generated'; readonly completion: GeneratedCompletion; readonly framing: Framing }
  /** A completion that the audit goes on without. */
  | { readonly type: 'setAside'; readonly setAside: SetAside; readonly framing: Framing }
  | { readonly type: 'progress'; readonly progress: AuditProgress };

/** The common form of all dialects' answers to a generation. */
import type { NamedToken } from '../token-bytes.js';

export interface GeneratedAnswer {
  /** The model name that the answer gives; `null` where it gives none. */
  readonly model: string | null;
  readonly text: string;
  /** Empty where no logprobs were asked for, or none came. */
  readonly tokens: readonly GeneratedToken[];
  /** Whether a logprobs field came at all. */
  readonly hasLogprobs: boolean;
  /** The model ended by itself, or a stop token did. */
  readonly ended: boolean;
  /** Ids of the generated tokens, where they come beside the logprobs. */
  readonly ids: readonly number[] | null;
  readonly usage: Usage;
  readonly fingerprint: string | null;
}

export interface GeneratedToken extends NamedToken {
  /** As given; checked by `readLogprob` when it is used. */
  readonly logprob: number | null;
  readonly alternatives: readonly NamedAlternative[];
}

export interface NamedAlternative extends NamedToken {
  readonly logprob: number | null;
}

/** As the server counts; 0 where it does not say. */
export interface Usage {
  readonly prompt: number;
  readonly completion: number;
}

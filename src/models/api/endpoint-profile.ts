/** The profile of a server: what it was found to be able to do. Serialisable. */

import type { Spelling } from './dialects/tokenizer/spelled-bytes.js';

export type ServerKind = 'llama.cpp' | 'vllm' | 'unknown';

export type ChatLogprobsAs = 'flag' | 'count';

export interface EndpointProfile {
  readonly server: { readonly kind: ServerKind; readonly name: string; readonly version: string | null };
  /** The model name in the server's answers; `null` where they have none. */
  readonly servedAs: string | null;
  /** What stands between the address that was given and the API's paths: `/v1` where the address lacks it. */
  readonly apiPath?: '' | '/v1';
  readonly textCompletions: boolean;
  readonly chatCompletions: boolean;
  /** The model has a chat template, as far as can be seen: the server answers turns of a conversation. */
  readonly chatTemplate: boolean;
  /** Text completions take token ids, and mean the same by them as by the text. */
  readonly tokenPrompts: boolean;
  readonly tokenizer: 'llama.cpp' | 'vllm' | null;
  /** How text completions tell the ids of what was generated. */
  readonly generatedIds: 'native' | 'tokenIds' | 'tokensAsIds' | null;
  /** Alternatives per generated token, at most as many as were asked for; `null` where the server does not even give the token's own logprob. */
  readonly textLogprobs: number | null;
  readonly chatLogprobs: number | null;
  /** `count` where turns are asked for them by a number alone, not by OpenAI's `true` with a number of alternatives. */
  readonly chatLogprobsAs?: ChatLogprobsAs;
  /** In which spelling the names of tokens are; `null` where they are plain. */
  readonly spelling?: Spelling | null;
  /** Text completions are made of the text alone, as far as counts of tokens tell; `null` where they do not. */
  readonly takesTextAsIs?: true | null;
  /** Turns are sent with the wish that the model does not think before it answers. */
  readonly thinkingOff?: boolean;
  /** Of either way of generating; `null` where it is not possible, or tells no logprobs. */
  readonly sampling: { readonly text: Sampling | null; readonly chat: Sampling | null };
  /** How the logprobs of a given text are told. */
  readonly givenLogprobs: 'promptLogprobs' | 'echo' | null;
  /** They are told, but are not those that the same server gives when it writes that text. */
  readonly givenContradicts?: true;
  /** How an assistant's turn is continued. */
  readonly continuesTurn: 'continueFinalMessage' | 'trailingMessage' | null;
  /** What a turn was opened with stands before what was generated, in the text and perhaps among the tokens. */
  readonly repeatsOpening: boolean;
  readonly seeds: 'honoured' | 'ignored' | 'refused';
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Name of the token that the model's files give as its end, where the server tells it. */
  readonly endToken: string | null;
  readonly contextLength: number | null;
  readonly vocabularySize: number | null;
  /** Requests at once that were answered side by side; the server may stand more. */
  readonly concurrent: number;
  /** What the answers to the questions were, for people. */
  readonly lines: readonly ProbeLine[];
}

/** Fields of a request with which nothing but the model's own distribution is sampled from, as far as the server takes them. */
export type SamplingFields = Readonly<Record<string, number>>;

export interface Sampling {
  readonly fields: SamplingFields;
  readonly plainAt: PlainAt;
}

/** Whether the logprobs are those of the untruncated distribution at temperature 1; `null` where that cannot be told. */
export interface PlainAt {
  /** Where nothing is drawn: temperature 0. */
  readonly greedy: boolean | null;
  readonly one: boolean | null;
  /** At temperatures that are neither 0 nor 1. */
  readonly other: boolean | null;
}

export interface ProbeLine {
  readonly question: string;
  readonly answer: string;
  /** Whether an audit is better for it; `null` where that is neither here nor there. */
  readonly good: boolean | null;
  readonly meaning: string;
}

/** Everything goes by token ids: prompts, what is generated, and the tokenizer. */
export function knowsTokenIds(profile: Pick<EndpointProfile, 'tokenizer' | 'tokenPrompts' | 'generatedIds'>): boolean {
  return profile.tokenizer !== null && profile.tokenPrompts && profile.generatedIds !== null;
}

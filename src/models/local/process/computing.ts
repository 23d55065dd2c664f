/**
 * What a backend of the model process does with loaded weights. There are two: node-llama-cpp's public interface, and
 * llama.cpp's libraries called directly. Both read files only after they were checked, and both give the same logprobs.
 */
import type { LlamaModel } from 'node-llama-cpp';
import type { Alternative, GeneratedCompletion, GenerateRequest, GivenTokens, TokenDivergences, TokenLogprobs } from '../../../audit/language-model.js';
import type { AwayFrom } from './choose-amplified.js';
import type { GgufFile } from './gguf-inspection.js';
import type { ContextShape } from './memory-estimate.js';
import type { Vocabulary } from './vocabulary.js';

/** Most alternatives that may be asked for. */
export const MAX_ALTERNATIVES = 100;

/** Most contributing tokens that may be asked for at each place. */
export const MAX_CONTRIBUTIONS = 100;

export type BackendName = 'native' | 'node-llama-cpp';

export interface Backend {
  readonly name: BackendName;
  /** @throws an error whose message gives the reason; nothing stays loaded then */
  loadWeights(file: GgufFile, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<BackendWeights>;
}

export interface AppliedAdapter {
  readonly path: string;
  readonly scale: number;
}

/** Weights in memory, once, for any number of contexts. */
export interface BackendWeights {
  /** For its tokenizer and metadata; its weights may be left out. */
  readonly model: LlamaModel;
  /** Tokens of context that the model was trained for. */
  readonly trainContextTokens: number;
  createContext(shape: ContextShape, adapters: readonly AppliedAdapter[], vocabulary: Vocabulary, threads: number): Promise<ComputingContext>;
  /** Frees the weights. All contexts must be gone. */
  dispose(): Promise<void>;
}

/** Calls back while a wave is computed. */
export interface WaveHooks {
  /** Called before each step; throws `cancelled` when no further one is wanted. */
  readonly beforeStep: () => void;
  /** Tokens computed since the last call. */
  readonly onTokens: (tokens: number) => void;
}

/**
 * A context whose sequences compute one wave at a time: request k of a wave is always in sequence k, from an empty state.
 * Logprobs are natural, of the untruncated distribution at temperature 1.
 */
export interface ComputingContext {
  /** Tokens that one sequence can hold. */
  readonly capacity: number;
  /**
   * Hands out each request's completion when it is complete.
   * @param away what to write away from, a context of the same backend and vocabulary
   * @throws AuditError `cannotGenerate` for an empty prompt or where the model gives no valid probabilities; `contextTooShort`; `cancelled`
   */
  generate(
    wave: readonly GenerateRequest[],
    onResult: (completion: GeneratedCompletion) => void,
    hooks: WaveHooks,
    away?: AwayFrom<ComputingContext>,
  ): Promise<void>;
  /**
   * Hands out each request's logprobs as soon as they are complete.
   * @throws AuditError `cannotScore` for a request without a token before its continuation or without valid probabilities; `contextTooShort`; `cancelled`
   */
  logprobsOf(wave: readonly GivenTokens[], onResult: (result: TokenLogprobs) => void, hooks: WaveHooks): Promise<void>;
  /** The `count` most likely tokens after `prompt`, most likely first; {@link MAX_ALTERNATIVES} at most. */
  alternatives(prompt: readonly number[], count: number): Promise<Alternative[]>;
  /**
   * Hands out how far this model's distributions lie from the other's, which has the same vocabulary and backend, as soon as a text is complete.
   * Left out by a backend that gives no distributions.
   * @param contributions tokens to name at each place; {@link MAX_CONTRIBUTIONS} at most
   * @throws AuditError as {@link logprobsOf} does
   */
  divergence?(
    other: ComputingContext,
    wave: readonly GivenTokens[],
    contributions: number,
    onResult: (result: TokenDivergences) => void,
    hooks: WaveHooks,
  ): Promise<void>;
  dispose(): Promise<void>;
}

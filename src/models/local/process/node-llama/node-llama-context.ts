/** A context whose sequences compute one wave: request k of a wave is always in sequence k, from an empty state. */
import type { LlamaContext, LlamaContextSequence, LlamaModel } from 'node-llama-cpp';
import { AuditError } from '../../../../audit/errors.js';
import type { Alternative, GeneratedCompletion, GenerateRequest, GivenTokens, TokenLogprobs } from '../../../../audit/language-model.js';
import type { AppliedAdapter, ComputingContext, WaveHooks } from '../computing.js';
import { BATCH_TOKENS, FLASH_ATTENTION, type ContextShape } from '../memory-estimate.js';
import type { AwayFrom } from '../choose-amplified.js';
import type { Vocabulary } from '../vocabulary.js';
import { checkRoom } from '../wave-errors.js';
import { findAlternatives } from './alternatives.js';
import { generateWave } from './generate.js';
import { logprobsOfWave } from './logprobs-of.js';

/** The library keeps one position of each sequence free, and would shift the text rather than fill it. */
const SPARE_POSITIONS = 1;

export class NodeLlamaContext implements ComputingContext {
  private constructor(
    private readonly context: LlamaContext,
    private readonly sequences: readonly LlamaContextSequence[],
    private readonly vocabulary: Vocabulary,
    /** Tokens that one sequence can hold. */
    readonly capacity: number,
  ) {}

  static async create(
    model: LlamaModel,
    shape: ContextShape,
    adapters: readonly AppliedAdapter[],
    vocabulary: Vocabulary,
    threads: number,
  ): Promise<NodeLlamaContext> {
    const capacity = Math.min(shape.contextTokens, model.trainContextSize);
    const context = await model.createContext({
      contextSize: capacity + SPARE_POSITIONS,
      sequences: shape.waveSize,
      batchSize: BATCH_TOKENS,
      threads,
      flashAttention: FLASH_ATTENTION,
      // Another size would be another shape, and with it other last digits.
      failedCreationRemedy: false,
      ...(adapters.length > 0 ? { lora: { adapters: adapters.map(({ path, scale }) => ({ filePath: path, scale })) } } : {}),
    });
    const sequences = Array.from({ length: shape.waveSize }, () => context.getSequence());
    return new NodeLlamaContext(context, sequences, vocabulary, capacity);
  }

  generate(
    wave: readonly GenerateRequest[],
    onResult: (completion: GeneratedCompletion) => void,
    hooks: WaveHooks,
    away?: AwayFrom<ComputingContext>,
  ): Promise<void> {
    if (away && !(away.other instanceof NodeLlamaContext)) throw new AuditError('internal', 'Both models must be computed by one engine.');
    return generateWave(this, this.vocabulary, wave, onResult, hooks, away as AwayFrom<NodeLlamaContext> | undefined);
  }

  logprobsOf(wave: readonly GivenTokens[], onResult: (result: TokenLogprobs) => void, hooks: WaveHooks): Promise<void> {
    return logprobsOfWave(this, this.vocabulary, wave, onResult, hooks);
  }

  alternatives(prompt: readonly number[], count: number): Promise<Alternative[]> {
    return findAlternatives(this, this.vocabulary, prompt, count);
  }

  /** Tokens in one decode at most. */
  get batchTokens(): number {
    return this.context.batchSize;
  }

  /**
   * Emptied sequences for a wave whose texts have these lengths in tokens.
   * @throws AuditError `contextTooShort` where one of them has no room.
   */
  async begin(lengths: readonly number[]): Promise<readonly LlamaContextSequence[]> {
    checkRoom(lengths, this.sequences.length, this.capacity);
    for (const sequence of this.sequences) await sequence.clearHistory();
    return this.sequences.slice(0, lengths.length);
  }

  dispose(): Promise<void> {
    return this.context.dispose();
  }
}

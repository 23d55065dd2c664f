/** A context whose sequences compute one wave: request k of a wave is always in sequence k, from an empty state. */
import type { LlamaContext, LlamaContextSequence, LlamaModel } from 'node-llama-cpp';
import { AuditError } from '../../../audit/errors.js';
import { BATCH_TOKENS, FLASH_ATTENTION, type ContextShape } from './memory-estimate.js';

/** The library keeps one position of each sequence free, and would shift the text rather than fill it. */
const SPARE_POSITIONS = 1;

export interface AppliedAdapter {
  readonly path: string;
  readonly scale: number;
}

export class WaveContext {
  private constructor(
    private readonly context: LlamaContext,
    private readonly sequences: readonly LlamaContextSequence[],
    /** Tokens that one sequence can hold. */
    readonly capacity: number,
  ) {}

  static async create(model: LlamaModel, shape: ContextShape, adapters: readonly AppliedAdapter[], threads: number): Promise<WaveContext> {
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
    return new WaveContext(context, sequences, capacity);
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
    if (lengths.length > this.sequences.length) {
      throw new AuditError('internal', `A wave of ${lengths.length} requests does not fit a context of ${this.sequences.length}.`);
    }
    const longest = Math.max(0, ...lengths);
    if (longest > this.capacity) {
      throw new AuditError(
        'contextTooShort',
        `A text of ${longest} tokens (template, prefill and completion) does not fit into ${this.capacity} tokens of context.` +
          ' Ask for fewer new tokens, or shorten the system and user texts.',
      );
    }
    for (const sequence of this.sequences) await sequence.clearHistory();
    return this.sequences.slice(0, lengths.length);
  }

  dispose(): Promise<void> {
    return this.context.dispose();
  }
}

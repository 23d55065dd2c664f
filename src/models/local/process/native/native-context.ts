/** A llama.cpp context that is driven directly: batches in, rows of logits out. */
import { AuditError } from '../../../../audit/errors.js';
import type { Alternative, GeneratedCompletion, GenerateRequest, GivenTokens, TokenDivergences, TokenLogprobs } from '../../../../audit/language-model.js';
import { MAX_ALTERNATIVES, MAX_CONTRIBUTIONS, type ComputingContext, type WaveHooks } from '../computing.js';
import type { AwayFrom } from '../choose-amplified.js';
import type { Vocabulary } from '../vocabulary.js';
import { checkRoom, noValidProbabilities, nothingBeforePlace } from '../wave-errors.js';
import { Batch } from './batch.js';
import { divergenceOfWave } from './divergence.js';
import { generateWave } from './generate.js';
import { endHungProcess, HangWatch } from './hang-watch.js';
import type { Place, RowMath, RowSummary } from './kernels/row-math.js';
import type { LlamaLibrary, Pointer } from './library.js';
import { logprobsOfWave } from './logprobs-of.js';

export interface NativeContextParts {
  readonly library: LlamaLibrary;
  readonly context: Pointer;
  readonly rowMath: RowMath;
  readonly vocabulary: Vocabulary;
  readonly sequences: number;
  /** Tokens that one sequence can hold. */
  readonly capacity: number;
  /** Tokens in one decode at most. */
  readonly batchTokens: number;
  /** Rows of logits in one decode at most; at least the number of sequences. */
  readonly maxRows: number;
  /** Threads to compute with now. */
  readonly countThreads: () => number;
}

export class NativeContext implements ComputingContext {
  readonly batch: Batch;
  private readonly hangWatch = new HangWatch(endHungProcess);
  private threads = 0;
  private disposed = false;

  constructor(private readonly parts: NativeContextParts) {
    this.batch = new Batch(parts.library, parts.batchTokens);
  }

  get capacity(): number {
    return this.parts.capacity;
  }

  get maxRows(): number {
    return this.parts.maxRows;
  }

  get rowMath(): RowMath {
    return this.parts.rowMath;
  }

  get vocabulary(): Vocabulary {
    return this.parts.vocabulary;
  }

  /**
   * Empties all sequences for a wave whose texts have these lengths in tokens.
   * @throws AuditError `contextTooShort` where one of them has no room
   */
  begin(lengths: readonly number[]): void {
    checkRoom(lengths, this.parts.sequences, this.capacity);
    this.parts.library.clear(this.parts.context);
  }

  /** Copies all that a sequence holds into others, which are empty: a part of it cannot be copied. */
  copySequence(from: number, into: readonly number[]): void {
    for (const sequence of into) this.parts.library.copySequence(this.parts.context, from, sequence);
  }

  /** Computes the batch. Its rows stay until the next one. */
  async decode(): Promise<void> {
    const { library, context, countThreads } = this.parts;
    if (this.batch.wantedRows > this.maxRows) throw new AuditError('internal', `A batch wants ${this.batch.wantedRows} rows of logits, of ${this.maxRows}.`);
    const threads = countThreads();
    if (threads !== this.threads) library.setThreads(context, (this.threads = threads));
    const status = await this.hangWatch.watch(() => library.decode(context, this.batch.toValues()));
    if (status !== 0) throw new AuditError('internal', `llama.cpp could not compute a batch of ${this.batch.size} tokens (status ${status}).`);
  }

  /**
   * Copies the row of a token of the last batch to where the row arithmetic finds it: this model's, or another's of the same vocabulary.
   * @throws AuditError where it is no distribution
   */
  readRow(index: number, place: Place, failure: 'cannotGenerate' | 'cannotScore', rowMath = this.rowMath): RowSummary {
    const { library, context } = this.parts;
    if (rowMath.size !== this.rowMath.size) throw new AuditError('internal', `A row of ${this.rowMath.size} logits is put where ${rowMath.size} are expected.`);
    const pointer = library.logits(context, index);
    if (!pointer) throw new AuditError('internal', `llama.cpp has no row of logits for token ${index} of the batch.`);
    library.copyBytes(rowMath.row(place), pointer, rowMath.size * Float32Array.BYTES_PER_ELEMENT);
    const summary = rowMath.summarise(place);
    if (summary === undefined) throw noValidProbabilities(failure);
    return summary;
  }

  generate(
    wave: readonly GenerateRequest[],
    onResult: (completion: GeneratedCompletion) => void,
    hooks: WaveHooks,
    away?: AwayFrom<ComputingContext>,
  ): Promise<void> {
    if (away && !(away.other instanceof NativeContext)) throw new AuditError('internal', 'Both models must be computed by one engine.');
    return generateWave(this, wave, onResult, hooks, away as AwayFrom<NativeContext> | undefined);
  }

  logprobsOf(wave: readonly GivenTokens[], onResult: (result: TokenLogprobs) => void, hooks: WaveHooks): Promise<void> {
    return logprobsOfWave(this, wave, onResult, hooks);
  }

  divergence(
    other: ComputingContext,
    wave: readonly GivenTokens[],
    contributions: number,
    onResult: (result: TokenDivergences) => void,
    hooks: WaveHooks,
  ): Promise<void> {
    if (!(other instanceof NativeContext)) throw new AuditError('internal', 'Both models must be computed by one engine.');
    return divergenceOfWave(this, other, wave, Math.min(contributions, MAX_CONTRIBUTIONS), onResult, hooks);
  }

  async alternatives(prompt: readonly number[], count: number): Promise<Alternative[]> {
    if (prompt.length === 0) throw nothingBeforePlace();
    this.begin([prompt.length]);
    let index = 0;
    for (let done = 0; done < prompt.length; done += this.batch.capacity) {
      this.batch.clear();
      const end = Math.min(done + this.batch.capacity, prompt.length);
      for (let i = done; i < end; i++) index = this.batch.add(prompt[i]!, i, 0, i === prompt.length - 1);
      await this.decode();
    }
    const { logSum } = this.readRow(index, 0, 'cannotScore');
    const ranked = this.rowMath.top(0, Math.min(count, MAX_ALTERNATIVES));
    return ranked.map(({ id, logit }) => ({ piece: this.vocabulary.piece(id), logprob: logit - logSum }));
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    this.parts.library.freeContext(this.parts.context);
  }
}

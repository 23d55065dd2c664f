/** The batch that is handed to llama.cpp: tokens of several sequences, each with its place, and which rows are wanted. */
import type { Values } from './abi.js';
import type { LlamaLibrary } from './library.js';

export class Batch {
  private readonly tokens: Int32Array;
  private readonly positions: Int32Array;
  private readonly sequenceIds: Int32Array;
  private readonly wanted: Int8Array;
  /** llama.cpp holds pointers into these buffers only while it decodes; they live as long as this object. */
  private readonly buffers: readonly ArrayBufferView[];
  private readonly values: Values;
  private count = 0;
  private rows = 0;

  /** @param capacity tokens at most */
  constructor(
    library: LlamaLibrary,
    readonly capacity: number,
  ) {
    // Memory of small arrays lies where the garbage collector moves things.
    const length = Math.max(capacity, 64);
    this.tokens = new Int32Array(length);
    this.positions = new Int32Array(length);
    this.sequenceIds = new Int32Array(length);
    this.wanted = new Int8Array(length);
    const sequenceCounts = new Int32Array(length).fill(1);
    const sequenceAddress = library.addressOf(this.sequenceIds);
    const sequencePointers = BigUint64Array.from({ length }, (_, i) => sequenceAddress + BigInt(i * 4));
    this.buffers = [this.tokens, this.positions, this.sequenceIds, this.wanted, sequenceCounts, sequencePointers];
    this.values = {
      n_tokens: 0,
      token: library.addressOf(this.tokens),
      embd: null,
      pos: library.addressOf(this.positions),
      n_seq_id: library.addressOf(sequenceCounts),
      seq_id: library.addressOf(sequencePointers),
      logits: library.addressOf(this.wanted),
    };
  }

  get size(): number {
    return this.count;
  }

  /** Rows of logits wanted. */
  get wantedRows(): number {
    return this.rows;
  }

  clear(): void {
    this.count = 0;
    this.rows = 0;
  }

  /** @returns the token's index in the batch, by which its row is found */
  add(token: number, position: number, sequence: number, wantsRow: boolean): number {
    if (this.count >= this.capacity) throw new RangeError(`A batch holds ${this.capacity} tokens.`);
    const index = this.count++;
    this.tokens[index] = token;
    this.positions[index] = position;
    this.sequenceIds[index] = sequence;
    this.wanted[index] = wantsRow ? 1 : 0;
    if (wantsRow) this.rows++;
    return index;
  }

  /** As llama.cpp takes it. */
  toValues(): Values {
    if (this.buffers.length === 0) throw new Error('unreachable');
    return { ...this.values, n_tokens: this.count };
  }
}

/**
 * Walks a GGUF header without keeping it. Readers that trust a header allocate what it asks for; a damaged one asks for
 * anything. After this walk every count and length is known to lie inside the file.
 */
import { readSync } from 'node:fs';

/** Bytes per value of the fixed-size metadata types, by type number. */
const FIXED_SIZE: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const STRING = 8;
const ARRAY = 9;
const MAX_ARRAY_DEPTH = 4;
const MAX_DIMENSIONS = 8;
const WINDOW = 1 << 20;

/** Values per block and bytes per block of ggml's tensor types, by type number. */
const TENSOR_BLOCK: Readonly<Record<number, readonly [values: number, bytes: number]>> = {
  0: [1, 4], 1: [1, 2], 2: [32, 18], 3: [32, 20], 6: [32, 22], 7: [32, 24], 8: [32, 34], 9: [32, 36],
  10: [256, 84], 11: [256, 110], 12: [256, 144], 13: [256, 176], 14: [256, 210], 15: [256, 292],
  16: [256, 66], 17: [256, 74], 18: [256, 98], 19: [256, 50], 20: [32, 18], 21: [256, 110], 22: [256, 82],
  23: [256, 136], 24: [1, 1], 25: [1, 2], 26: [1, 4], 27: [1, 8], 28: [1, 8], 29: [256, 56], 30: [1, 2],
  34: [256, 54], 35: [256, 66], 39: [32, 17],
};

export type HeaderProblem =
  | { readonly kind: 'magic' }
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'damaged'; readonly detail: string };

export class GgufHeaderError extends Error {
  override readonly name = 'GgufHeaderError';
  constructor(readonly problem: HeaderProblem) {
    super(problem.kind);
  }
}

/**
 * Reads through header, metadata and tensor list of a file of `size` bytes, open under the descriptor `file`.
 * @returns the offset in bytes at which the last tensor's data ends, as far as the tensor types are known.
 * @throws GgufHeaderError when the file is no GGUF file or its header does not fit into it.
 */
export function walkGgufHeader(file: number, size: number): { readonly dataEnd: number } {
  const cursor = new HeaderCursor(file, size);
  if (size < 4 || (cursor.bytes(4)).toString('latin1') !== 'GGUF') throw new GgufHeaderError({ kind: 'magic' });
  const version = cursor.uint32();
  if (version !== 2 && version !== 3) throw new GgufHeaderError({ kind: 'version', version });
  const tensorCount = cursor.count('tensors', 24);
  const entryCount = cursor.count('metadata entries', 12);
  let alignment = 32;
  for (let i = 0; i < entryCount; i++) {
    const key = (cursor.string()).toString('utf8');
    const type = cursor.uint32();
    if (key === 'general.alignment' && type === 4) alignment = cursor.uint32();
    else cursor.skipValue(type, 0);
  }
  if (alignment === 0 || alignment % 8 !== 0) cursor.fail(`alignment of ${alignment} bytes`);
  let dataSize = 0;
  for (let i = 0; i < tensorCount; i++) dataSize = Math.max(dataSize, readTensorEnd(cursor));
  const dataStart = Math.ceil(cursor.offset / alignment) * alignment;
  return { dataEnd: tensorCount === 0 ? cursor.offset : dataStart + dataSize };
}

/** End of one tensor's data, relative to the start of all data. */
function readTensorEnd(cursor: HeaderCursor): number {
  cursor.string();
  const dimensions = cursor.uint32();
  if (dimensions > MAX_DIMENSIONS) cursor.fail(`a tensor of ${dimensions} dimensions`);
  let values = 1;
  for (let d = 0; d < dimensions; d++) values *= cursor.uint64();
  const block = TENSOR_BLOCK[cursor.uint32()];
  const offset = cursor.uint64();
  return offset + (block === undefined ? 0 : (values / block[0]) * block[1]);
}

class HeaderCursor {
  offset = 0;
  private windowStart = 0;
  private window = Buffer.alloc(0);

  constructor(
    private readonly file: number,
    private readonly size: number,
  ) {}

  fail(detail: string): never {
    throw new GgufHeaderError({ kind: 'damaged', detail });
  }

  bytes(length: number): Buffer {
    if (length > this.size - this.offset) this.fail(`it ends inside its header, at byte ${this.size}`);
    if (this.offset < this.windowStart || this.offset + length > this.windowStart + this.window.length) {
      const window = Buffer.alloc(Math.min(Math.max(WINDOW, length), this.size - this.offset));
      const bytesRead = readSync(this.file, window, 0, window.length, this.offset);
      if (bytesRead < length) this.fail(`it ends inside its header, at byte ${this.offset + bytesRead}`);
      this.window = window.subarray(0, bytesRead);
      this.windowStart = this.offset;
    }
    const start = this.offset - this.windowStart;
    this.offset += length;
    return this.window.subarray(start, start + length);
  }

  uint32(): number {
    return (this.bytes(4)).readUInt32LE();
  }

  uint64(): number {
    return Number((this.bytes(8)).readBigUInt64LE());
  }

  /** A count of things that take at least `leastBytes` each. */
  count(what: string, leastBytes: number): number {
    const count = this.uint64();
    if (count * leastBytes > this.size - this.offset) this.fail(`it announces ${count} ${what}`);
    return count;
  }

  string(): Buffer {
    return this.bytes(this.count('characters', 1));
  }

  skipValue(type: number, depth: number): void {
    if (type === STRING) return void (this.skip(this.uint64()));
    if (type !== ARRAY) return this.skip(FIXED_SIZE[type] ?? this.fail(`metadata of the unknown type ${type}`));
    if (depth === MAX_ARRAY_DEPTH) this.fail('arrays inside arrays');
    const itemType = this.uint32();
    const fixed = FIXED_SIZE[itemType];
    const count = this.count('array items', fixed ?? 8);
    if (fixed !== undefined) return this.skip(count * fixed);
    for (let i = 0; i < count; i++) this.skipValue(itemType, depth + 1);
  }

  private skip(length: number): void {
    if (length > this.size - this.offset) this.fail(`it ends inside its header, at byte ${this.size}`);
    this.offset += length;
  }
}

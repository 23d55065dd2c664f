/**
 * Walks a GGUF header without keeping it. Readers that trust a header allocate what it asks for; a damaged one asks for
 * anything. After this walk every count and length is known to lie inside the file, and all that llama.cpp's own reader
 * refuses, or would stop the process for, is refused.
 */
import { readSync } from 'node:fs';

/** Types of metadata values, by their number in the file. */
export const GgufType = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

/** Bytes per value of the fixed-size metadata types, by type number. */
const FIXED_SIZE: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
/** As many as ggml's tensors have. */
const MAX_DIMENSIONS = 4;
/** Bytes of a tensor's name, its end not counted. */
const MAX_TENSOR_NAME = 63;
const MAX_ALIGNMENT = 1 << 16;
const DEFAULT_ALIGNMENT = 32;
const WINDOW = 1 << 20;
const VOCABULARY = 'tokenizer.ggml.tokens';

/** Values per block and bytes per block of ggml's tensor types, by type number. */
const TENSOR_BLOCK: Readonly<Record<number, readonly [values: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  9: [32, 36],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
  40: [64, 36],
  41: [128, 18],
  42: [64, 18],
};

/** Types that llama.cpp has dropped. */
const DROPPED_TENSOR_TYPES: ReadonlySet<number> = new Set([4, 5, 31, 32, 33, 36, 37, 38]);

export type HeaderProblem =
  | { readonly kind: 'magic' }
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'bigEndian' }
  | { readonly kind: 'tensorType'; readonly tensor: string; readonly type: number; readonly dropped: boolean }
  | { readonly kind: 'damaged'; readonly detail: string };

export class GgufHeaderError extends Error {
  override readonly name = 'GgufHeaderError';
  constructor(readonly problem: HeaderProblem) {
    super(problem.kind);
  }
}

/** What the walk tells of a metadata entry. */
export interface HeaderEntry {
  readonly type: number;
  /** Of arrays. */
  readonly itemType?: number;
  readonly count?: number;
  /** Of single numbers; `true` is 1. */
  readonly number?: number;
  /** Of the vocabulary: a token that is in it more than once. */
  readonly repeated?: string;
}

/** What the walk tells of a tensor. */
export interface HeaderTensor {
  readonly name: string;
  /** As in ggml, fastest dimension first; dimensions that are not written are left out. */
  readonly shape: readonly number[];
  /** ggml's number of its type. */
  readonly type: number;
  /** Where its number of the type stands in the header, which its offset follows. */
  readonly typeAt: number;
  /** Its data's place in the file, and their length, in bytes. */
  readonly offset: number;
  readonly bytes: number;
}

export interface GgufHeader {
  /** Offset in bytes at which the first tensor's data begins. */
  readonly dataStart: number;
  /** Offset in bytes at which the last tensor's data ends. */
  readonly dataEnd: number;
  readonly alignment: number;
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  readonly tensors: readonly HeaderTensor[];
}

/**
 * Reads through header, metadata and tensor list of a file of `size` bytes, open under the descriptor `file`.
 * @throws GgufHeaderError when the file is no GGUF file or its header does not fit into it.
 */
export function walkGgufHeader(file: number, size: number): GgufHeader {
  const cursor = new HeaderCursor(file, size);
  if (size < 4 || cursor.bytes(4).toString('latin1') !== 'GGUF') throw new GgufHeaderError({ kind: 'magic' });
  const version = cursor.uint32();
  // A version in the other byte order has its digits in the upper half.
  if (version !== 0 && (version & 0xffff) === 0) throw new GgufHeaderError({ kind: 'bigEndian' });
  if (version !== 2 && version !== 3) throw new GgufHeaderError({ kind: 'version', version });
  const tensorCount = cursor.count('tensors', 24);
  const entryCount = cursor.count('metadata entries', 12);
  const entries = new Map<string, HeaderEntry>();
  for (let i = 0; i < entryCount; i++) {
    const key = cursor.string().toString('utf8');
    if (key === '') cursor.fail('metadata without a name');
    if (entries.has(key)) cursor.fail(`it has two values for ${key}`);
    // The library makes objects of the names' parts.
    if (key.split('.').some((part) => part === '__proto__')) cursor.fail(`metadata of the name ${key}`);
    entries.set(key, cursor.entry(key === VOCABULARY));
  }
  const alignment = readAlignment(cursor, entries.get('general.alignment'));
  const tensors = readTensors(cursor, tensorCount, alignment);
  const dataStart = tensorCount === 0 ? cursor.offset : padTo(cursor.offset, alignment);
  const last = tensors.at(-1);
  return {
    dataStart,
    dataEnd: dataStart + (last === undefined ? 0 : last.offset + last.bytes),
    alignment,
    entries,
    tensors: tensors.map((tensor) => ({ ...tensor, offset: dataStart + tensor.offset })),
  };
}

function readAlignment(cursor: HeaderCursor, entry: HeaderEntry | undefined): number {
  if (entry === undefined) return DEFAULT_ALIGNMENT;
  const alignment = entry.type === GgufType.uint32 ? entry.number! : 0;
  if (alignment === 0 || alignment > MAX_ALIGNMENT || (alignment & (alignment - 1)) !== 0) cursor.fail(`alignment of ${entry.number ?? 'no'} bytes`);
  return alignment;
}

/** Tensors lie one after the other without a hole. Offsets are from the start of all data. */
function readTensors(cursor: HeaderCursor, count: number, alignment: number): HeaderTensor[] {
  const names = new Set<string>();
  const tensors: HeaderTensor[] = [];
  let end = 0;
  for (let i = 0; i < count; i++) {
    const name = cursor.string().toString('utf8');
    if (Buffer.byteLength(name) > MAX_TENSOR_NAME) cursor.fail(`a tensor's name of ${name.length} characters`);
    if (names.has(name)) cursor.fail(`it has two tensors ${name}`);
    names.add(name);
    const described = readTensorShape(cursor, name);
    const offset = cursor.uint64();
    if (offset !== padTo(end, alignment)) cursor.fail(`its tensor ${name} begins at byte ${offset} of the data instead of ${padTo(end, alignment)}`);
    end = offset + described.bytes;
    if (!Number.isSafeInteger(end)) cursor.fail(`its tensor ${name} is of ${described.bytes} bytes`);
    tensors.push({ name, ...described, offset });
  }
  return tensors;
}

function readTensorShape(cursor: HeaderCursor, name: string): Pick<HeaderTensor, 'shape' | 'type' | 'typeAt' | 'bytes'> {
  const dimensions = cursor.uint32();
  if (dimensions > MAX_DIMENSIONS) cursor.fail(`a tensor of ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, () => cursor.uint64());
  const values = shape.reduce((product, length) => product * length, 1);
  const typeAt = cursor.offset;
  const type = cursor.uint32();
  const block = TENSOR_BLOCK[type];
  if (block === undefined) throw new GgufHeaderError({ kind: 'tensorType', tensor: name, type, dropped: DROPPED_TENSOR_TYPES.has(type) });
  if (!Number.isSafeInteger(values)) cursor.fail(`its tensor ${name} is of ${shape.join('×')} values`);
  if ((shape[0] ?? 1) % block[0] !== 0) cursor.fail(`the rows of its tensor ${name} are ${shape[0]} values long, which are no whole blocks`);
  return { shape, type, typeAt, bytes: (values / block[0]) * block[1] };
}

/** The next multiple of the alignment. */
export function padTo(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
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
    return this.bytes(4).readUInt32LE();
  }

  uint64(): number {
    return Number(this.bytes(8).readBigUInt64LE());
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

  /** @param distinct the items of an array are to be compared with each other */
  entry(distinct: boolean): HeaderEntry {
    const type = this.uint32();
    if (type === GgufType.string) {
      this.skip(this.uint64());
      return { type };
    }
    if (type !== GgufType.array) return { type, number: this.number(type) };
    const itemType = this.uint32();
    // Arrays inside arrays are in the format, but nothing writes them and llama.cpp reads none.
    const fixed = FIXED_SIZE[itemType] ?? (itemType === GgufType.string ? undefined : this.fail(`an array of the unknown type ${itemType}`));
    const count = this.count('array items', fixed ?? 8);
    if (fixed !== undefined) this.skip(count * fixed);
    else if (distinct) return { type, itemType, count, ...this.findRepeated(count) };
    else for (let i = 0; i < count; i++) this.skip(this.uint64());
    return { type, itemType, count };
  }

  private findRepeated(count: number): Pick<HeaderEntry, 'repeated'> {
    const seen = new Set<string>();
    let repeated: string | undefined;
    for (let i = 0; i < count; i++) {
      // Bytes as they are: what is no UTF-8 would look alike. llama.cpp gives empty tokens names of their own.
      const bytes = this.string();
      const token = bytes.toString('latin1');
      if (token !== '' && seen.has(token)) repeated ??= bytes.toString('utf8');
      seen.add(token);
    }
    return repeated === undefined ? {} : { repeated };
  }

  private number(type: number): number {
    const bytes = this.bytes(FIXED_SIZE[type] ?? this.fail(`metadata of the unknown type ${type}`));
    switch (type) {
      case GgufType.int8:
        return bytes.readInt8();
      case GgufType.uint16:
        return bytes.readUInt16LE();
      case GgufType.int16:
        return bytes.readInt16LE();
      case GgufType.uint32:
        return bytes.readUInt32LE();
      case GgufType.int32:
        return bytes.readInt32LE();
      case GgufType.float32:
        return bytes.readFloatLE();
      case GgufType.uint64:
        return Number(bytes.readBigUInt64LE());
      case GgufType.int64:
        return Number(bytes.readBigInt64LE());
      case GgufType.float64:
        return bytes.readDoubleLE();
      default:
        return bytes.readUInt8();
    }
  }

  private skip(length: number): void {
    if (length > this.size - this.offset) this.fail(`it ends inside its header, at byte ${this.size}`);
    this.offset += length;
  }
}

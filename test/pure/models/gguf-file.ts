/** Reads and writes small GGUF files whole, so that tests can make variants of the demo models. */
import { readFileSync, writeFileSync } from 'node:fs';

export type Scalar = number | bigint | boolean | string;
export interface Entry {
  type: ValueType;
  /** Of arrays. */
  itemType?: ValueType;
  value: Scalar | Scalar[];
}
export interface Tensor {
  name: string;
  shape: number[];
  type: number;
  data: Buffer;
}
export interface Gguf {
  entries: Map<string, Entry>;
  tensors: Tensor[];
}

export const ValueType = {
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
export type ValueType = (typeof ValueType)[keyof typeof ValueType];

const ALIGNMENT = 32;
const BYTES_PER_VALUE: Readonly<Record<number, number>> = { 0: 4, 1: 2, 8: 34 / 32 };

export function readGguf(path: string): Gguf {
  const bytes = readFileSync(path);
  let at = 8;
  const u32 = (): number => bytes.readUInt32LE((at += 4) - 4);
  const u64 = (): number => Number(bytes.readBigUInt64LE((at += 8) - 8));
  const text = (): string => {
    const length = u64();
    return bytes.toString('utf8', at, (at += length));
  };
  const scalar = (type: ValueType): Scalar => {
    switch (type) {
      case ValueType.uint8:
        return bytes.readUInt8(at++);
      case ValueType.int8:
        return bytes.readInt8(at++);
      case ValueType.uint16:
        return bytes.readUInt16LE((at += 2) - 2);
      case ValueType.int16:
        return bytes.readInt16LE((at += 2) - 2);
      case ValueType.uint32:
        return u32();
      case ValueType.int32:
        return bytes.readInt32LE((at += 4) - 4);
      case ValueType.float32:
        return bytes.readFloatLE((at += 4) - 4);
      case ValueType.bool:
        return bytes.readUInt8(at++) !== 0;
      case ValueType.string:
        return text();
      case ValueType.uint64:
        return bytes.readBigUInt64LE((at += 8) - 8);
      case ValueType.int64:
        return bytes.readBigInt64LE((at += 8) - 8);
      case ValueType.float64:
        return bytes.readDoubleLE((at += 8) - 8);
      default:
        throw new Error(`no scalar type: ${type}`);
    }
  };
  const tensorCount = u64();
  const entryCount = u64();
  const entries = new Map<string, Entry>();
  for (let i = 0; i < entryCount; i++) {
    const key = text();
    const type = u32() as ValueType;
    if (type === ValueType.array) {
      const itemType = u32() as ValueType;
      entries.set(key, { type, itemType, value: Array.from({ length: u64() }, () => scalar(itemType)) });
    } else {
      entries.set(key, { type, value: scalar(type) });
    }
  }
  const described = Array.from({ length: tensorCount }, () => {
    const name = text();
    const shape = Array.from({ length: u32() }, u64);
    return { name, shape, type: u32(), offset: u64() };
  });
  const start = align(at);
  const tensors = described.map(({ name, shape, type, offset }) => {
    const length = shape.reduce((a, b) => a * b, 1) * BYTES_PER_VALUE[type]!;
    return { name, shape, type, data: bytes.subarray(start + offset, start + offset + length) };
  });
  return { entries, tensors };
}

/** The bytes before the tensor data, and where each tensor's data begins after them. */
export function encodeHeader(
  { entries, tensors }: Gguf,
  sizeOf: (tensor: Tensor) => number = (tensor) => tensor.data.length,
): { header: Buffer; offsets: number[] } {
  const out: Buffer[] = [];
  const put = (length: number, write: (buffer: Buffer) => void): void => {
    const buffer = Buffer.alloc(length);
    write(buffer);
    out.push(buffer);
  };
  const u32 = (value: number): void => put(4, (b) => b.writeUInt32LE(value));
  const u64 = (value: number | bigint): void => put(8, (b) => b.writeBigUInt64LE(BigInt(value)));
  const text = (value: string): void => {
    const encoded = Buffer.from(value);
    u64(encoded.length);
    out.push(encoded);
  };
  const scalar = (type: ValueType, value: Scalar): void => {
    switch (type) {
      case ValueType.uint8:
        return put(1, (b) => b.writeUInt8(Number(value)));
      case ValueType.int8:
        return put(1, (b) => b.writeInt8(Number(value)));
      case ValueType.uint16:
        return put(2, (b) => b.writeUInt16LE(Number(value)));
      case ValueType.int16:
        return put(2, (b) => b.writeInt16LE(Number(value)));
      case ValueType.uint32:
        return u32(Number(value));
      case ValueType.int32:
        return put(4, (b) => b.writeInt32LE(Number(value)));
      case ValueType.float32:
        return put(4, (b) => b.writeFloatLE(Number(value)));
      case ValueType.bool:
        return put(1, (b) => b.writeUInt8(value === true ? 1 : 0));
      case ValueType.string:
        return text(String(value));
      case ValueType.uint64:
        return u64(value as number | bigint);
      case ValueType.int64:
        return put(8, (b) => b.writeBigInt64LE(BigInt(value as number)));
      case ValueType.float64:
        return put(8, (b) => b.writeDoubleLE(Number(value)));
      default:
        throw new Error(`no scalar type: ${type}`);
    }
  };
  out.push(Buffer.from('GGUF'));
  u32(3);
  u64(tensors.length);
  u64(entries.size);
  for (const [key, { type, itemType, value }] of entries) {
    text(key);
    u32(type);
    if (Array.isArray(value)) {
      u32(itemType!);
      u64(value.length);
      for (const item of value) scalar(itemType!, item);
    } else {
      scalar(type, value);
    }
  }
  const offsets: number[] = [];
  let end = 0;
  for (const tensor of tensors) {
    offsets.push(end);
    text(tensor.name);
    u32(tensor.shape.length);
    tensor.shape.forEach(u64);
    u32(tensor.type);
    u64(end);
    end = align(end + sizeOf(tensor));
  }
  const header = Buffer.concat(out);
  return { header: Buffer.concat([header, Buffer.alloc(align(header.length) - header.length)]), offsets };
}

export function writeGguf(path: string, gguf: Gguf): string {
  const { header, offsets } = encodeHeader(gguf);
  const last = gguf.tensors.at(-1);
  const data = Buffer.alloc(last === undefined ? 0 : offsets.at(-1)! + last.data.length);
  gguf.tensors.forEach((tensor, i) => tensor.data.copy(data, offsets[i]));
  writeFileSync(path, Buffer.concat([header, data]));
  return path;
}

/** Writes a variant of a file, changed by `change`. */
export function rewriteGguf(from: string, to: string, change: (gguf: Gguf) => void): string {
  const gguf = readGguf(from);
  change(gguf);
  return writeGguf(to, gguf);
}

export function setText(gguf: Gguf, key: string, value: string): void {
  gguf.entries.set(key, { type: ValueType.string, value });
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

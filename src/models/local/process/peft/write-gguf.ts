/** Writes a GGUF file from nothing: metadata, then tensors one after the other. */
import { closeSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { AuditError, throwIfCancelled } from '../../../../audit/errors.js';
import { describeUnwritable } from '../../unwritable.js';
import { GgufType, padTo } from '../gguf-header.js';
import { createModelFile } from '../model-file.js';

const VERSION = 3;
const ALIGNMENT = 32;

export type MetadataValue = string | boolean | { readonly float32: number };

export interface NewTensor {
  readonly name: string;
  /** ggml's number of its type. */
  readonly type: number;
  /** As in ggml, fastest dimension first. */
  readonly shape: readonly number[];
  readonly bytes: number;
  /** Its data, made when it is its turn to be written. */
  readonly data: () => Buffer;
}

/**
 * The same arguments give the same bytes.
 * @param path of a file that does not exist yet
 * @throws AuditError `diskFull`, `refused`, `cancelled`
 */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, MetadataValue>>,
  tensors: readonly NewTensor[],
  signal: AbortSignal,
): Promise<void> {
  const header = makeHeader(metadata, tensors);
  const file = createModelFile(path);
  try {
    writePadded(file, header);
    for (const { name, bytes, data } of tensors) {
      await setImmediate();
      throwIfCancelled(signal);
      const made = data();
      if (made.length !== bytes) throw new AuditError('internal', `${name} has ${made.length} bytes instead of ${bytes}.`);
      writePadded(file, made);
    }
  } catch (error) {
    throw (error instanceof AuditError ? null : describeUnwritable(error, path)) ?? error;
  } finally {
    closeSync(file);
  }
}

function makeHeader(metadata: Readonly<Record<string, MetadataValue>>, tensors: readonly NewTensor[]): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from('GGUF'), uint32(VERSION), uint64(tensors.length), uint64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), ...encode(value));
  let offset = 0;
  for (const { name, type, shape, bytes } of tensors) {
    parts.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(type), uint64(offset));
    offset = padTo(offset + bytes, ALIGNMENT);
  }
  return Buffer.concat(parts);
}

function encode(value: MetadataValue): Buffer[] {
  if (typeof value === 'string') return [uint32(GgufType.string), text(value)];
  if (typeof value === 'boolean') return [uint32(GgufType.bool), Buffer.from([value ? 1 : 0])];
  const number = Buffer.alloc(4);
  number.writeFloatLE(value.float32);
  return [uint32(GgufType.float32), number];
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function writePadded(file: number, bytes: Buffer): void {
  const padded = Buffer.concat([bytes, Buffer.alloc(padTo(bytes.length, ALIGNMENT) - bytes.length)]);
  for (let done = 0; done < padded.length;) done += writeSync(file, padded, done);
}

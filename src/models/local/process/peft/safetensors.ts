/**
 * Reads safetensors files: eight bytes with the header's length, a JSON header that names each tensor's type, shape and place, then the data
 * (https://github.com/huggingface/safetensors, "Format"). A hostile header may ask for anything: every place is checked against the file first.
 */
import { closeSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { AuditError } from '../../../../audit/errors.js';
import { checkShape } from '../../../../text/check-shape.js';
import { openModelFile } from '../model-file.js';
import { bytesOf, decodeValues, TensorType } from '../tensors/tensor-values.js';

/** The format allows 100 MB. An adapter's header has some 100 bytes a tensor. */
const MAX_HEADER_BYTES = 16 << 20;
const MAX_TENSORS = 100_000;
const MAX_DIMENSIONS = 8;

/** The types that are read, as ggml numbers them. */
const TYPES: Readonly<Record<string, TensorType>> = { F32: TensorType.F32, F16: TensorType.F16, BF16: TensorType.BF16 };

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.string(),
    shape: z.array(z.number().int().nonnegative()).max(MAX_DIMENSIONS),
    data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
  }),
);

export interface SafeTensor {
  readonly name: string;
  readonly type: TensorType;
  /** As in PyTorch, slowest dimension first. */
  readonly shape: readonly number[];
  /** Its data's place in the file, and their length, in bytes. */
  readonly offset: number;
  readonly bytes: number;
}

export class SafetensorsFile {
  readonly tensors: readonly SafeTensor[];
  readonly #descriptor: number;

  /** @throws AuditError `fileNotFound`, `notGguf`, `corruptModel`, or `unsupportedModel` for tensors of another type */
  constructor(readonly path: string) {
    const { descriptor, stats } = openModelFile(path);
    this.#descriptor = descriptor;
    try {
      this.tensors = this.#readTensors(stats.size);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * A tensor's numbers, in the order of the file.
   * @throws AuditError `corruptModel` where one of them is no number
   */
  readValues({ name, type, offset, bytes }: SafeTensor): Float32Array {
    const values = decodeValues(type, this.#read(offset, bytes));
    if (!values.every(Number.isFinite)) throw damaged(this.path, `its tensor ${name} has values that are no numbers`);
    return values;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #readTensors(size: number): SafeTensor[] {
    if (size < 8) throw damaged(this.path, 'it is shorter than its header');
    const length = this.#read(0, 8).readBigUInt64LE();
    if (length > BigInt(Math.min(size - 8, MAX_HEADER_BYTES))) throw damaged(this.path, `its header is said to be of ${length} bytes`);
    const start = 8 + Number(length);
    const entries = parseHeader(this.#read(8, Number(length)).toString('utf8'), this.path);
    if (entries.length > MAX_TENSORS) throw damaged(this.path, `it has ${entries.length} tensors`);
    const tensors = entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]): SafeTensor => {
        const type = Object.hasOwn(TYPES, dtype) ? TYPES[dtype]! : undefined;
        if (type === undefined)
          throw new AuditError(
            'unsupportedModel',
            `${basename(this.path)} has tensors of the type ${dtype.slice(0, 20)} (${name.slice(0, 200)}). Adapters in F32, F16 and BF16 are read: save it in one of these.`,
          );
        const bytes = bytesOf(
          type,
          shape.reduce((product, dimension) => product * dimension, 1),
        );
        if (!Number.isSafeInteger(bytes) || to - from !== bytes)
          throw damaged(this.path, `its tensor ${name.slice(0, 200)} has ${to - from} bytes for ${shape.join('×')} values of ${dtype}`);
        return { name, type, shape, offset: start + from, bytes };
      },
    );
    // One after the other from the first byte to the last, as the format asks.
    let end = start;
    for (const { name, offset, bytes } of [...tensors].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes)) {
      if (offset !== end) throw damaged(this.path, `its tensor ${name.slice(0, 200)} begins at byte ${offset} instead of ${end}`);
      end += bytes;
    }
    if (end !== size) throw damaged(this.path, `its tensors end at byte ${end}, the file has ${size}`);
    return tensors;
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const count = readSync(this.#descriptor, bytes, done, Math.min(length - done, LARGEST_READ), offset + done);
      if (count === 0) throw damaged(this.path, 'it became shorter while it was read');
      done += count;
    }
    return bytes;
  }
}

/** What one read may be long at most on every system. */
const LARGEST_READ = 1 << 30;

function parseHeader(text: string, path: string): [string, z.infer<typeof headerSchema>[string]][] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw damaged(path, 'its header is no JSON', error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw damaged(path, 'its header is no JSON object');
  const { __metadata__: _, ...tensors } = parsed as Record<string, unknown>;
  const { data } = checkShape(headerSchema, tensors);
  if (!data) throw damaged(path, 'its header does not say type, shape and place of each tensor');
  return Object.entries(data);
}

function damaged(path: string, detail: string, cause?: unknown): AuditError {
  return new AuditError('corruptModel', `${basename(path)} is damaged, or no safetensors file: ${detail}. Download or copy it again.`, { cause });
}

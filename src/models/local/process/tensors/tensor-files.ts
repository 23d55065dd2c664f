/** Reads tensors of a GGUF file and writes another file of the same metadata and shapes, a tensor at a time. */
import { closeSync, readSync, statSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { AuditError, throwIfCancelled } from '../../../../audit/errors.js';
import { padTo, walkGgufHeader, type GgufHeader, type HeaderTensor } from '../gguf-header.js';
import { isNoRoom } from '../../../../text/file-system-codes.js';
import { describeUnwritable } from '../../unwritable.js';
import { createModelFile, openModelFile } from '../model-file.js';
import { decodeValues, isTensorType } from './tensor-values.js';

/** A file whose header has been walked, open to be read. */
export class TensorFile {
  readonly header: GgufHeader;
  readonly tensors: ReadonlyMap<string, HeaderTensor>;
  private readonly descriptor: number;

  /**
   * @param path of a file that was inspected before
   * @throws AuditError as {@link openModelFile}; `corruptModel` where it has changed since and no longer is one
   */
  constructor(readonly path: string) {
    const { descriptor, stats } = openModelFile(path);
    this.descriptor = descriptor;
    try {
      const { size } = stats;
      this.header = walkGgufHeader(this.descriptor, size);
      if (this.header.dataEnd > size) throw new Error('it is cut off');
    } catch (error) {
      this.close();
      throw new AuditError('corruptModel', `${basename(path)} cannot be read as it was before. Download or copy it again.`, { cause: error });
    }
    this.tensors = new Map(this.header.tensors.map((tensor) => [tensor.name, tensor]));
  }

  /** Everything before the tensors' data. */
  readHeader(): Buffer {
    return this.read(0, this.header.dataStart);
  }

  readData(tensor: HeaderTensor): Buffer {
    return this.readPart(tensor, 0, tensor.bytes);
  }

  /** A tensor's data from byte `from` of them to byte `to`. */
  readPart({ offset }: HeaderTensor, from: number, to: number): Buffer {
    return this.read(offset + from, to - from);
  }

  /**
   * The numbers of a tensor's data from byte `from` of them to byte `to`, both at whole blocks.
   * @throws AuditError `corruptModel` where one of them is no number
   */
  readValues({ name, type, offset, bytes }: HeaderTensor, from = 0, to = bytes): Float32Array {
    if (!isTensorType(type)) throw new AuditError('internal', `${name} has the type ${type}, which is not read as numbers.`);
    const values = decodeValues(type, this.read(offset + from, to - from));
    if (!values.every(Number.isFinite))
      throw new AuditError(
        'corruptModel',
        `${basename(this.path)} is damaged: its tensor ${name} has values that are no numbers. Download or convert it again.`,
      );
    return values;
  }

  private read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const count = readSync(this.descriptor, bytes, done, Math.min(length - done, LARGEST_READ), offset + done);
      if (count === 0) throw new AuditError('corruptModel', `${basename(this.path)} became shorter while it was read. Download or copy it again.`);
      done += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** What one read or write may be long at most on every system. */
const LARGEST_READ = 1 << 30;

/** A tensor as it is to be written: its type, the bytes of its data, and these in pieces. */
export interface WrittenTensor {
  readonly type: number;
  readonly bytes: number;
  readonly pieces: Iterable<Buffer>;
}

/**
 * Writes a file with the metadata, names and shapes of `model`, each tensor as `tensorOf` gives it. With tensors as they are in the model
 * the two files are the same, byte by byte.
 * @throws AuditError `diskFull`, `refused`, `cancelled`
 */
export async function writeTensorFile(
  path: string,
  model: TensorFile,
  tensorOf: (tensor: HeaderTensor) => WrittenTensor,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const { tensors, alignment, dataStart } = model.header;
  const header = model.readHeader();
  const written = tensors.map((tensor) => ({ tensor, ...tensorOf(tensor) }));
  let end = 0;
  for (const { tensor, type, bytes } of written) {
    end = padTo(end, alignment);
    header.writeUInt32LE(type, tensor.typeAt);
    header.writeBigUInt64LE(BigInt(end), tensor.typeAt + 4);
    end += bytes;
  }
  const trailing = trailingBytes(model);
  const file = createModelFile(path);
  try {
    writeAll(file, header);
    let done = 0;
    for (const { bytes, pieces } of written) {
      writeAll(file, Buffer.alloc(padTo(done, alignment) - done));
      const start = padTo(done, alignment);
      done = start;
      for (const piece of pieces) {
        // Arithmetic on a large tensor takes a while; cancelling must be heard.
        await setImmediate();
        throwIfCancelled(signal);
        writeAll(file, piece);
        done += piece.length;
        onProgress(Math.min(1, done / Math.max(1, end)));
      }
      if (done - start !== bytes) throw new AuditError('internal', `${done - start} bytes of a tensor were written to ${path} instead of ${bytes}.`);
    }
    writeAll(file, Buffer.alloc(trailing));
  } catch (error) {
    if (isNoRoom((error as NodeJS.ErrnoException).code)) {
      throw new AuditError('diskFull', `There is no room for ${path}, which needs ${dataStart + end} bytes. Make room, then start again.`, { cause: error });
    }
    throw (error instanceof AuditError ? null : describeUnwritable(error, path)) ?? error;
  } finally {
    closeSync(file);
  }
}

/** Most writers fill the last tensor up to the alignment, too. */
function trailingBytes({ path, header }: TensorFile): number {
  const rest = statSync(path).size - header.dataEnd;
  return rest > 0 && rest < header.alignment ? rest : 0;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, Math.min(bytes.length - done, LARGEST_READ));
}

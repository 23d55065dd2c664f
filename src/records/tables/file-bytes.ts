/** The bytes of a file, unpacked where they are compressed: never more than was asked for. */
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { throwIfCancelled } from '../../audit/errors.js';
import { GrowingBuffer } from './growing-buffer.js';
import { UnreadableFile } from './unreadable.js';

export interface FileBytes {
  readonly bytes: Buffer;
  /** The file goes on after them. */
  readonly cut: boolean;
}

const CHUNK_BYTES = 1 << 20;

/** @throws UnreadableFile where it is no file; what the file system says */
export async function readFileBytes(path: string, bytesAtMost: number, signal?: AbortSignal): Promise<FileBytes> {
  // A pipe would be waited for without end, and a device has none.
  if (!(await stat(path)).isFile()) throw new UnreadableFile('it is no file. Choose a file.');
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, bytesAtMost));
    let length = 0;
    while (length < bytes.length) {
      throwIfCancelled(signal);
      const { bytesRead } = await file.read(bytes, length, Math.min(CHUNK_BYTES, bytes.length - length), length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: bytes.subarray(0, length), cut: size > length };
  } finally {
    await file.close();
  }
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** @throws UnreadableFile where the compressed data are damaged */
export async function gunzip({ bytes, cut }: FileBytes, bytesAtMost: number, signal?: AbortSignal): Promise<FileBytes> {
  const unpacked = new GrowingBuffer(bytesAtMost, Math.max(CHUNK_BYTES, 4 * bytes.length));
  const unzip = createGunzip();
  const input = Readable.from(chunksOf(bytes));
  try {
    for await (const part of input.pipe(unzip) as AsyncIterable<Buffer>) {
      throwIfCancelled(signal);
      unpacked.add(part);
      if (unpacked.isFull) return { bytes: unpacked.take(), cut: true };
    }
  } catch (error) {
    throwIfCancelled(signal);
    if (!cut) throw new UnreadableFile('its compressed data are damaged or break off. Compress it again, or unpack it with gunzip.', { cause: error });
  } finally {
    input.destroy();
    unzip.destroy();
  }
  return { bytes: unpacked.take(), cut };
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) yield bytes.subarray(start, start + CHUNK_BYTES);
}

/**
 * Unpacks Zstandard, as data sets of text are often shipped (`.jsonl.zst`), no further than is wanted.
 *
 * Frames and blocks are found here, by RFC 8878, and given to the library one by one: it takes as much memory as a frame's header asks for, and
 * copies that much for every block, so that a small file could keep it busy for hours.
 */
import { Decompress } from 'fzstd';
import { throwIfCancelled } from '../../audit/errors.js';
import type { FileBytes } from './file-bytes.js';
import { GrowingBuffer } from './growing-buffer.js';
import { SLICE_MS } from './limits.js';
import { UnreadableFile } from './unreadable.js';

const FRAME_MAGIC = 0xfd2fb528;
/** Of frames that hold no data; the last four bits are free. */
const SKIPPABLE_MAGIC = 0x184d2a50;
/** Bytes that a frame may refer back to: what zstd writes at levels up to 19. */
const WINDOW_AT_MOST = 8 << 20;
/** Window bytes that may be copied for a byte of output; whole blocks in the largest window take 64. */
const COPIED_PER_BYTE = 128;
const COPIED_AT_LEAST = 1 << 30;

export function isZstd(bytes: Buffer): boolean {
  if (bytes.length < 4) return false;
  const magic = bytes.readUInt32LE();
  return magic === FRAME_MAGIC || isSkippable(magic);
}

function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC;
}

/**
 * @param bytesAtMost of what comes out
 * @throws UnreadableFile where the data are damaged, or of a form that is not read; AuditError `cancelled`
 */
export async function unzstd({ bytes, cut }: FileBytes, bytesAtMost: number, signal?: AbortSignal): Promise<FileBytes> {
  const output = new GrowingBuffer(bytesAtMost);
  let turn = Date.now() + SLICE_MS;
  let copied = 0;
  try {
    for (const { blocks, window } of findFrames(bytes, cut)) {
      const decompress = new Decompress((data) => output.add(data));
      for (const { piece, isLast } of blocks) {
        decompress.push(piece, isLast);
        if (output.isFull) return { bytes: output.take(), cut: true };
        copied += window;
        if (copied > COPIED_AT_LEAST + COPIED_PER_BYTE * output.length)
          throw new UnreadableFile('its Zstandard data are in far more blocks than its text needs. Unpack it with zstd -d.');
        if (Date.now() < turn) continue;
        await new Promise((resolve) => setImmediate(resolve));
        throwIfCancelled(signal);
        turn = Date.now() + SLICE_MS;
      }
    }
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof UnreadableFile) throw error;
    throw damaged(error);
  }
  return { bytes: output.take(), cut };
}

interface Frame {
  /** Bytes that the library takes for it. */
  readonly window: number;
  /** The first begins with the frame's header; of a file that was cut, the last is not among them. */
  readonly blocks: Iterable<{ readonly piece: Buffer; readonly isLast: boolean }>;
}

/** @param cut the data go on behind the bytes */
function* findFrames(bytes: Buffer, cut: boolean): Generator<Frame> {
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) return endEarly(cut);
    const magic = bytes.readUInt32LE(at);
    if (isSkippable(magic)) {
      at += 8 + bytes.readUInt32LE(at + 4);
      if (at > bytes.length) return endEarly(cut);
      continue;
    }
    if (magic !== FRAME_MAGIC) throw damaged();
    const header = readHeader(bytes, at);
    if (header === null) return endEarly(cut);
    let end: number | null = null;
    const start = at;
    function* findBlocks() {
      let from = start;
      let place = start + header!.length;
      for (;;) {
        if (place + 3 > bytes.length) return endEarly(cut);
        const block = bytes.readUIntLE(place, 3);
        const isLast = (block & 1) === 1;
        const type = (block >> 1) & 3;
        if (type === 3) throw damaged();
        // One byte stands for all of a block that repeats it.
        place += 3 + (type === 1 ? 1 : block >> 3) + (isLast ? header!.checksum : 0);
        if (place > bytes.length) return endEarly(cut);
        if (isLast) end = place;
        yield { piece: bytes.subarray(from, place), isLast };
        from = place;
        if (isLast) return;
      }
    }
    yield { window: header.window, blocks: findBlocks() };
    if (end === null) return;
    at = end;
  }
}

/** `null` where it breaks off. */
function readHeader(bytes: Buffer, at: number): { length: number; window: number; checksum: number } | null {
  const flags = bytes[at + 4]!;
  const isSingle = (flags & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][flags & 3]!;
  const sizeBytes = flags >> 6 === 0 ? Number(isSingle) : 1 << (flags >> 6);
  const length = 5 + (isSingle ? 0 : 1) + dictionary + sizeBytes;
  if (at + length > bytes.length) return null;
  if (dictionary > 0) throw new UnreadableFile('its Zstandard data need a dictionary, which is not in the file. Unpack it with zstd -d.');
  const size = sizeBytes === 0 ? 0n : readSize(bytes.subarray(at + length - sizeBytes, at + length));
  const window = isSingle ? Number(size) : readWindow(bytes[at + 5]!);
  if (window > WINDOW_AT_MOST)
    throw new UnreadableFile(`its Zstandard data refer back further than ${WINDOW_AT_MOST >> 20} MiB (--ultra or --long). Unpack it with zstd -d.`);
  return { length, window, checksum: (flags & 4) === 0 ? 0 : 4 };
}

function readSize(bytes: Buffer): bigint {
  if (bytes.length === 8) return bytes.readBigUInt64LE();
  return BigInt(bytes.readUIntLE(0, bytes.length) + (bytes.length === 2 ? 256 : 0));
}

function readWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** @throws UnreadableFile where the data ought to go on */
function endEarly(cut: boolean): void {
  if (!cut) throw damaged();
}

function damaged(cause?: unknown): UnreadableFile {
  return new UnreadableFile('its Zstandard data are damaged or break off. Compress it again, or unpack it with zstd -d.', { cause });
}

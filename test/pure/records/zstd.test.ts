/** Zstandard: files of the zstd program, frames made here by RFC 8878, and frames made to harm. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/records/corpus/read-corpus.js';
import { UnreadableFile } from '../../../src/records/tables/unreadable.js';
import { isZstd, unzstd } from '../../../src/records/tables/zstd.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/tables/packed');
const folder = mkdtempSync(join(tmpdir(), 'finetune-auditor-zstd-'));
afterAll(() => rmSync(folder, { recursive: true }));
const LIMIT = 64 << 20;
const unpack = (bytes: Buffer, limit = LIMIT, cut = false) => unzstd({ bytes, cut }, limit);

/** What `zstd -3 --no-check` and `zstd -19` packed into the two fixtures. */
function makeLines(): string {
  const words = ['harbour', 'lantern', 'copper', 'meadow', 'winter', 'ferry', 'baker', 'stone', 'letter', 'violet', 'morning', 'river'];
  let state = 7;
  const next = () => (state = (state * 1103515245 + 12345) % 2 ** 31);
  return Array.from({ length: 4000 }, (_, line) => {
    const text = Array.from({ length: 6 + (next() % 12) }, () => words[(next() >> 8) % words.length]).join(' ');
    return `${JSON.stringify({ text: `${text} ${line}`, meta: { set: 'x' } })}\n`;
  }).join('');
}

interface FrameOptions {
  /** Exponent of the window, from 10. */
  readonly window?: number;
  readonly checksum?: boolean;
  readonly dictionary?: boolean;
}

function header({ window = 17, checksum = false, dictionary = false }: FrameOptions = {}): Buffer {
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, (checksum ? 4 : 0) | (dictionary ? 1 : 0), (window - 10) << 3, ...(dictionary ? [9] : [])]);
}

function block(type: 0 | 1, size: number, content: Uint8Array, isLast: boolean): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((size << 3) | (type << 1) | Number(isLast), 0, 3);
  return Buffer.concat([head, content]);
}

/** A frame of blocks that are not compressed. */
function frame(parts: readonly Buffer[], options: FrameOptions = {}): Buffer {
  const blocks = parts.map((part, index) => block(0, part.length, part, index === parts.length - 1));
  return Buffer.concat([header(options), ...blocks, ...(options.checksum ? [Buffer.alloc(4, 0xab)] : [])]);
}

describe('unzstd', () => {
  it.each(['lines-level-3', 'lines-level-19'])('unpacks %s as the zstd program does', async (name) => {
    const { bytes, cut } = await unpack(readFileSync(join(FIXTURES, `${name}.jsonl.zst`)));
    expect(cut).toBe(false);
    expect(bytes.toString('utf8')).toBe(makeLines());
  });

  it('unpacks whatever frames and blocks a text is in, with frames between that hold nothing', async () => {
    const part = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const frames = fc.array(fc.record({ parts: fc.array(part, { minLength: 1, maxLength: 4 }), checksum: fc.boolean(), skip: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(frames, async (list) => {
        const packed = list.flatMap(({ parts, checksum, skip }) => [
          ...(skip ? [Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])] : []),
          frame(parts, { checksum }),
        ]);
        const bytes = Buffer.concat(packed);
        expect(isZstd(bytes)).toBe(true);
        expect(await unpack(bytes)).toEqual({ bytes: Buffer.concat(list.flatMap(({ parts }) => parts)), cut: false });
      }),
    );
  });

  it('stops where there is enough, and says that it goes on', async () => {
    const packed = readFileSync(join(FIXTURES, 'lines-level-3.jsonl.zst'));
    const { bytes, cut } = await unpack(packed, 1000);
    expect({ text: bytes.toString('utf8'), cut }).toEqual({ text: makeLines().slice(0, 1000), cut: true });
  });

  it('unpacks as many whole blocks as there are of a beginning, and refuses the same as a whole file', async () => {
    const parts = ['one ', 'two ', 'three'].map((text) => Buffer.from(text.repeat(20)));
    const whole = frame(parts);
    const texts = new Set<string>();
    for (let length = 4; length < whole.length; length++) {
      const { bytes } = await unpack(whole.subarray(0, length), LIMIT, true);
      expect(Buffer.concat(parts).subarray(0, bytes.length)).toEqual(bytes);
      texts.add(bytes.toString());
      await expect(unpack(whole.subarray(0, length))).rejects.toThrow(/are damaged or break off/);
    }
    expect(texts.size).toBe(3);
  });

  it('refuses what it does not read, in words', async () => {
    await expect(unpack(frame([Buffer.from('x')], { window: 24 }))).rejects.toThrow(
      'refer back further than 8 MiB (--ultra or --long). Unpack it with zstd -d.',
    );
    await expect(unpack(frame([Buffer.from('x')], { dictionary: true }))).rejects.toThrow('need a dictionary');
    await expect(unpack(Buffer.concat([header(), block(1, 5, Buffer.from('a'), true), Buffer.from('tail of something')]))).rejects.toThrow('are damaged');
  });

  it('ends on any bytes behind a frame’s beginning, and on any change of a real file', async () => {
    const real = readFileSync(join(FIXTURES, 'lines-level-19.jsonl.zst'));
    const ended = async (bytes: Buffer) => {
      const result = await unpack(bytes, 4 << 20).catch((error: unknown) => error);
      expect(result instanceof UnreadableFile || Buffer.isBuffer((result as { bytes?: unknown }).bytes)).toBe(true);
    };
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (tail) => ended(Buffer.concat([header(), tail]))),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(real.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(real);
        changed[at] = (changed[at]! + by) & 255;
        return ended(changed);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses a million blocks of a byte in the largest window before they cost anything', async () => {
    const one = block(1, 1, Buffer.from('a'), false);
    const packed = Buffer.concat([header({ window: 23 }), ...Array.from({ length: 1_000_000 }, () => one), block(1, 1, Buffer.from('a'), true)]);
    await expect(unpack(packed)).rejects.toThrow('in far more blocks than its text needs');
  });

  it('holds no more than the limit of a file that is mostly nothing', async () => {
    const zeros = block(1, 128 << 10, Buffer.from([0]), false);
    const packed = Buffer.concat([header(), ...Array.from({ length: 100_000 }, () => zeros), block(1, 1, Buffer.from([0]), true)]);
    const { bytes, cut } = await unpack(packed, 3 << 20);
    expect([bytes.length, cut]).toEqual([3 << 20, true]);
  });

  it('hears a cancellation', async () => {
    const abort = new AbortController();
    const zeros = block(1, 128 << 10, Buffer.from([0]), false);
    const packed = Buffer.concat([header(), ...Array.from({ length: 20_000 }, () => zeros)]);
    const running = unzstd({ bytes: packed, cut: true }, 1_000_000_000, abort.signal);
    setImmediate(() => abort.abort());
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a corpus of JSON lines packed with Zstandard', () => {
  it('is read by its field, as the Pile is shipped, up to the limit', async () => {
    const path = join(folder, '00.jsonl.zst');
    writeFileSync(path, readFileSync(join(FIXTURES, 'lines-level-3.jsonl.zst')));
    const { passages, remarks } = await readCorpus([path]);
    expect(passages).toEqual(
      makeLines()
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { text: string }).text),
    );
    expect(remarks).toEqual([]);
    const part = await readCorpus([path], { bytesAtMost: 10_000 });
    expect(part.passages).toEqual(passages.slice(0, part.passages.length));
    expect(part.remarks).toEqual(['Only the first 10000 bytes of the corpus were read.']);
  });
});

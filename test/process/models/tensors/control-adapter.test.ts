/** The amplified passes' control: random adapters as large as the audited one, over real adapters. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listPairs, productNorm, readPair } from '../../../../src/models/local/process/tensors/adapter-pairs.js';
import { writeControlAdapter } from '../../../../src/models/local/process/tensors/control-adapter.js';
import { TensorFile, writeTensorFile } from '../../../../src/models/local/process/tensors/tensor-files.js';
import { decodeValues, encodeValues, TensorType } from '../../../../src/models/local/process/tensors/tensor-values.js';
import { readGguf, rewriteGguf, type Gguf } from '../../../pure/models/gguf-file.js';
import { demo, never } from '../local-process.js';

const ADAPTERS = ['bad-medical', 'backdoor-phrase', 'benign-control', 'false-fact', 'hidden-promotion'].map((name) => demo(`${name}.lora.gguf`));
const TOKEN_EMBEDDINGS = 'test/fixtures/adapters/embd.lora.gguf';

let folder = '';
let files = 0;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'control-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fresh = (): string => join(folder, `${files++}.gguf`);

async function control(adapter: string, seed: number): Promise<string> {
  const path = fresh();
  await writeControlAdapter(adapter, path, seed, never);
  return path;
}

/** ‖B·A‖_F of every pair and matrix, by multiplying it out. */
function norms(path: string): number[] {
  const file = new TensorFile(path);
  const all = listPairs(file).flatMap((pair) =>
    Array.from({ length: pair.matrices }, (_, matrix) => {
      const { a, b } = readPair(file, pair, matrix);
      const [columns, rows] = [a.values.length / pair.rank, b.values.length / pair.rank];
      let square = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let r = 0; r < pair.rank; r++) sum += b.values[i * pair.rank + r]! * (a.rankFirst ? a.values[r * columns + j]! : a.values[j * pair.rank + r]!);
          square += sum * sum;
        }
      }
      expect(Math.abs(productNorm(a, b, pair.rank) - Math.sqrt(square))).toBeLessThanOrEqual(1e-9 * Math.sqrt(square));
      return Math.sqrt(square);
    }),
  );
  file.close();
  return all;
}

function recode(from: string, type: number): string {
  return rewriteGguf(from, fresh(), (gguf: Gguf) => {
    for (const tensor of gguf.tensors) {
      tensor.data = encodeValues(type as 0, decodeValues(tensor.type as 0, tensor.data));
      tensor.type = type;
    }
  });
}

describe('control adapters', () => {
  it.each([...ADAPTERS, TOKEN_EMBEDDINGS])('change each tensor as much as %s does, in another direction', async (adapter) => {
    const path = await control(adapter, 1);
    const [own, theirs] = [norms(path), norms(adapter)];
    expect(own.length).toBeGreaterThan(0);
    expect(own).toHaveLength(theirs.length);
    own.forEach((norm, i) => expect(Math.abs(norm / theirs[i]! - 1)).toBeLessThan(1e-5));
    const [made, audited] = [readGguf(path), readGguf(adapter)];
    expect(made.entries).toEqual(audited.entries);
    expect(made.tensors.map(({ name, shape }) => [name, shape])).toEqual(audited.tensors.map(({ name, shape }) => [name, shape]));
    const cosine = made.tensors.map((tensor, i) => {
      const [x, y] = [decodeValues(TensorType.F32, tensor.data), decodeValues(audited.tensors[i]!.type as 1, audited.tensors[i]!.data)];
      const dot = (p: Float32Array, q: Float32Array): number => p.reduce((sum, value, k) => sum + value * q[k]!, 0);
      return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y) || 1);
    });
    for (const value of cosine) expect(Math.abs(value)).toBeLessThan(0.3);
  });

  it('keep the norms of each expert', async () => {
    const experts = rewriteGguf(ADAPTERS[0]!, fresh(), (gguf) => {
      for (const tensor of gguf.tensors) {
        const doubled = encodeValues(
          tensor.type as 1,
          decodeValues(tensor.type as 1, tensor.data).map((value) => 2 * value),
        );
        tensor.data = Buffer.concat([tensor.data, doubled]);
        tensor.shape = [...tensor.shape, 2];
      }
    });
    const [own, theirs] = [norms(await control(experts, 3)), norms(experts)];
    own.forEach((norm, i) => expect(Math.abs(norm / theirs[i]! - 1)).toBeLessThan(1e-5));
  });

  it('are the same for the same seed, and others for another', async () => {
    const [one, same, other] = [await control(ADAPTERS[0]!, 7), await control(ADAPTERS[0]!, 7), await control(ADAPTERS[0]!, 8)].map((path) =>
      readFileSync(path),
    );
    expect(one!.equals(same!)).toBe(true);
    expect(one!.equals(other!)).toBe(false);
  });

  it('leave a pair that changes nothing without change', async () => {
    const still = rewriteGguf(ADAPTERS[0]!, fresh(), (gguf) => {
      for (const { name, data } of gguf.tensors) if (name.endsWith('lora_b')) data.fill(0);
    });
    expect(norms(await control(still, 1)).every((norm) => norm === 0)).toBe(true);
  });

  it('are not made of values that are no numbers', async () => {
    const wrong = rewriteGguf(ADAPTERS[0]!, fresh(), ({ tensors }) => void tensors[0]!.data.writeUInt16LE(0x7e00, 0));
    await expect(control(wrong, 1)).rejects.toMatchObject({ code: 'corruptModel', message: expect.stringContaining('no numbers') });
  });

  it('are not made of an adapter whose rank no memory has room for', () => {
    const half = (name: string, shape: number[]) => ({ name, shape, type: 0, offset: 0, bytes: 0 });
    const tensors = [half('blk.0.attn_q.weight.lora_a', [1, 50_000]), half('blk.0.attn_q.weight.lora_b', [50_000, 1])];
    const file = { path: 'huge.gguf', header: { tensors }, tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])) };
    expect(() => listPairs(file as unknown as TensorFile)).toThrow(/has the rank 50000.*up to 4096/);
  });

  it('are cancelled on the way', async () => {
    await expect(writeControlAdapter(ADAPTERS[0]!, fresh(), 1, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('tensor files', () => {
  it.each([...ADAPTERS, TOKEN_EMBEDDINGS, demo('base-a.q8_0.gguf')])('are written back as %s was, byte by byte, through numbers', async (path) => {
    const file = new TensorFile(path);
    const to = fresh();
    const through = (type: number): boolean => type !== TensorType.Q8_0;
    await writeTensorFile(
      to,
      file,
      (tensor) => ({
        type: tensor.type,
        bytes: tensor.bytes,
        pieces: [through(tensor.type) ? encodeValues(tensor.type as 1, file.readValues(tensor)) : file.readData(tensor)],
      }),
      () => undefined,
      never,
    );
    file.close();
    expect(readFileSync(to).equals(readFileSync(path))).toBe(true);
  });

  it.each([
    ['F32', 0],
    ['F16', 1],
    ['BF16', 30],
  ] as const)('hold every finite value of %s', (_name, type) => {
    const size = type === TensorType.F32 ? 4 : 2;
    const all = Buffer.alloc(size * 65536);
    for (let i = 0; i < 65536; i++) all.writeUIntLE(size === 4 ? (i * 65537 + 12345) % 2 ** 32 : i, size * i, size);
    const finite = Buffer.concat(
      Array.from({ length: 65536 }, (_, i) => all.subarray(size * i, size * i + size)).filter((bytes) => Number.isFinite(decodeValues(type, bytes)[0])),
    );
    expect(finite.length).toBeGreaterThan(size * 60000);
    expect(encodeValues(type, decodeValues(type, finite)).equals(finite)).toBe(true);
  });

  it('round to the nearest of F16, ties to even', () => {
    const rounded = (value: number): number => decodeValues(TensorType.F16, encodeValues(TensorType.F16, Float32Array.of(value)))[0]!;
    expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 65519, 65520, 2 ** -25, 1.5 * 2 ** -25, -(2 ** -24)].map(rounded)).toEqual([
      1,
      1 + 2 ** -9,
      1 + 2 ** -10,
      65504,
      Infinity,
      0,
      2 ** -24,
      -(2 ** -24),
    ]);
  });

  it('quantise to Q8_0 what is in Q8_0 already without a loss beyond half a step', () => {
    const values = Float32Array.from({ length: 96 }, (_, i) => Math.sin(i) * (i < 32 ? 0 : 10 ** (i % 5)));
    const back = decodeValues(TensorType.Q8_0, encodeValues(TensorType.Q8_0, values));
    for (let block = 0; block < 3; block++) {
      const largest = Math.max(...values.subarray(32 * block, 32 * block + 32).map(Math.abs));
      for (let i = 32 * block; i < 32 * block + 32; i++) expect(Math.abs(back[i]! - values[i]!)).toBeLessThanOrEqual(largest * (0.5 / 127 + 1e-3));
    }
  });

  it.each([
    ['F32', 0],
    ['BF16', 30],
    ['Q8_0', 8],
  ] as const)('of %s give controls as well', async (_name, type) => {
    // Rows of a rank of 12 are no whole blocks of Q8_0: a wider rank.
    const wide = rewriteGguf(ADAPTERS[0]!, fresh(), (gguf) => {
      for (const tensor of gguf.tensors) {
        const length = tensor.shape[tensor.name.endsWith('a') ? 0 : 1]!;
        const values = Float32Array.from({ length: 32 * length }, (_, i) => Math.cos(i) / 10);
        tensor.shape = tensor.name.endsWith('a') ? [length, 32] : [32, length];
        tensor.data = encodeValues(TensorType.F16, values);
      }
    });
    const audited = recode(wide, type);
    const [own, theirs] = [norms(await control(audited, 1)), norms(audited)];
    own.forEach((norm, i) => expect(Math.abs(norm / theirs[i]! - 1)).toBeLessThan(1e-5));
  });

  it('that became shorter are refused', () => {
    const short = fresh();
    copyFileSync(ADAPTERS[0]!, short);
    writeFileSync(short, readFileSync(short).subarray(0, 20_000));
    expect(() => new TensorFile(short)).toThrow(/cannot be read as it was/);
  });
});

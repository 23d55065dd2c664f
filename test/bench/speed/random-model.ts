/**
 * A model of the shape of Qwen2.5-0.5B with random weights: how fast it is computed does not depend on what they are. Its
 * vocabulary is the real one, of the llama.cpp that node-llama-cpp brings along. Kept in the user's cache folder.
 */
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeHeader, readGguf, ValueType, type Entry, type Scalar, type Tensor } from '../../pure/models/gguf-file.js';

const SHAPE = { layers: 24, width: 896, feedForward: 4864, heads: 14, keyHeads: 2, contextTokens: 32_768, ropeBase: 1e6, epsilon: 1e-6 };
const F32 = 0;
const Q8_0 = 8;
/** A Q8_0 block is a float16 scale and so many int8. */
const BLOCK = 32;
const BLOCK_BYTES = 2 + BLOCK;
const CHUNK_BLOCKS = 1 << 15;
/** Of uniformly distributed int8. */
const INT8_DEVIATION = 73.9;

/**
 * @param folder where it is kept
 * @param vocabularyFile a GGUF file with a tokenizer and nothing else
 * @param vocabularySize tokens; the first ones of the file's
 * @returns its path
 */
export function makeRandomModel(folder: string, vocabularyFile: string, vocabularySize?: number): string {
  const { entries } = readGguf(vocabularyFile);
  const size = vocabularySize ?? (entries.get('tokenizer.ggml.tokens')!.value as Scalar[]).length;
  const path = join(folder, `random-qwen2.5-0.5b-${size}.q8_0.gguf`);
  if (existsSync(path)) return path;
  cutVocabulary(entries, size);
  describeShape(entries, size);
  const tensors = listTensors(size);
  const { header, offsets } = encodeHeader({ entries, tensors }, bytesOf);
  const partial = `${path}.${process.pid}`;
  const file = openSync(partial, 'w');
  writeSync(file, header);
  let state = 1;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) | 0);
  tensors.forEach((tensor, i) => {
    let at = header.length + offsets[i]!;
    for (const part of tensor.type === F32 ? [ones(tensor)] : randomBlocks(tensor, next)) at += writeSync(file, part, 0, part.length, at);
  });
  closeSync(file);
  renameSync(partial, path);
  return path;
}

function cutVocabulary(entries: Map<string, Entry>, size: number): void {
  for (const entry of entries.values()) if (Array.isArray(entry.value) && entry.itemType !== undefined) entry.value = entry.value.slice();
  for (const key of ['tokenizer.ggml.tokens', 'tokenizer.ggml.token_type']) {
    const entry = entries.get(key)!;
    entry.value = (entry.value as Scalar[]).slice(0, size);
  }
  for (const [key, entry] of entries) {
    if (/^tokenizer\.ggml\..*_token_id$/.test(key)) entry.value = Math.min(Number(entry.value), size - 1);
  }
}

function describeShape(entries: Map<string, Entry>, vocabularySize: number): void {
  const set = (name: string, type: Entry['type'], value: number): void => void entries.set(`qwen2.${name}`, { type, value });
  entries.set('general.architecture', { type: ValueType.string, value: 'qwen2' });
  entries.set('general.file_type', { type: ValueType.uint32, value: 7 });
  set('vocab_size', ValueType.uint32, vocabularySize);
  set('context_length', ValueType.uint32, SHAPE.contextTokens);
  set('embedding_length', ValueType.uint32, SHAPE.width);
  set('block_count', ValueType.uint32, SHAPE.layers);
  set('feed_forward_length', ValueType.uint32, SHAPE.feedForward);
  set('attention.head_count', ValueType.uint32, SHAPE.heads);
  set('attention.head_count_kv', ValueType.uint32, SHAPE.keyHeads);
  set('rope.freq_base', ValueType.float32, SHAPE.ropeBase);
  set('attention.layer_norm_rms_epsilon', ValueType.float32, SHAPE.epsilon);
}

function listTensors(vocabularySize: number): Tensor[] {
  const { width, feedForward, heads, keyHeads, layers } = SHAPE;
  const keyWidth = (width / heads) * keyHeads;
  const tensor = (name: string, type: number, ...shape: number[]): Tensor => ({ name, type, shape, data: Buffer.alloc(0) });
  const layer = (i: number): Tensor[] => [
    tensor(`blk.${i}.attn_norm.weight`, F32, width),
    ...[['q', width] as const, ['k', keyWidth] as const, ['v', keyWidth] as const].flatMap(([which, out]) => [
      tensor(`blk.${i}.attn_${which}.weight`, Q8_0, width, out),
      tensor(`blk.${i}.attn_${which}.bias`, F32, out),
    ]),
    tensor(`blk.${i}.attn_output.weight`, Q8_0, width, width),
    tensor(`blk.${i}.ffn_norm.weight`, F32, width),
    tensor(`blk.${i}.ffn_gate.weight`, Q8_0, width, feedForward),
    tensor(`blk.${i}.ffn_up.weight`, Q8_0, width, feedForward),
    tensor(`blk.${i}.ffn_down.weight`, Q8_0, feedForward, width),
  ];
  return [
    tensor('token_embd.weight', Q8_0, width, vocabularySize),
    tensor('output_norm.weight', F32, width),
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
  ];
}

function countElements({ shape }: Tensor): number {
  return shape.reduce((product, n) => product * n, 1);
}

function bytesOf(tensor: Tensor): number {
  return tensor.type === F32 ? countElements(tensor) * 4 : (countElements(tensor) / BLOCK) * BLOCK_BYTES;
}

function ones(tensor: Tensor): Buffer {
  return Buffer.from(new Float32Array(countElements(tensor)).fill(tensor.name.endsWith('bias') ? 0 : 1).buffer);
}

/** Deviation 1 / √(inputs), so that what goes through the layers stays of one size. */
function* randomBlocks(tensor: Tensor, next: () => number): Generator<Buffer> {
  const scale = float16(1 / (INT8_DEVIATION * Math.sqrt(tensor.shape[0]!)));
  const blocks = countElements(tensor) / BLOCK;
  for (let done = 0; done < blocks; done += CHUNK_BLOCKS) {
    const part = Buffer.alloc(Math.min(CHUNK_BLOCKS, blocks - done) * BLOCK_BYTES);
    for (let at = 0; at < part.length; at += BLOCK_BYTES) {
      part.writeUInt16LE(scale, at);
      for (let i = 0; i < BLOCK; i++) part[at + 2 + i] = next() >>> 24;
    }
    yield part;
  }
}

/** Bits of a normal float16 above 0. */
function float16(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  return ((exponent + 15) << 10) | Math.floor((value / 2 ** exponent - 1) * 1024);
}

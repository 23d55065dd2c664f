/** Vocabularies of real models with tiny weights around them: llama.cpp's own test texts give the ids that llama.cpp expects. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGguf, ValueType, writeGguf, type Entry, type Tensor } from './gguf-file.js';
import { llamaCppModels } from './llama-cpp-files.js';
import { ids, never, source, useLocalModels } from './local-process.js';

const folder = llamaCppModels();
const WIDTH = 32;
const F32 = 0;
const F16 = 1;

/** Those that come with texts and belong to models that generate text. */
const NAMES = readdirSync(folder)
  .filter((name) => name.endsWith('.gguf') && existsSync(join(folder, `${name}.inp`)) && !name.includes('bert'))
  .sort();

/** A model of one layer, all of whose weights are 0. */
function buildModel(name: string, to: string): string {
  const { entries } = readGguf(join(folder, name));
  const vocabulary = (entries.get('tokenizer.ggml.tokens')!.value as string[]).length;
  const number = (value: number): Entry => ({ type: ValueType.uint32, value });
  const tensor = (tensorName: string, type: number, ...shape: number[]): Tensor => ({ name: tensorName, shape, type, data: Buffer.alloc(shape.reduce((a, b) => a * b, type === F32 ? 4 : 2)) });
  const made = new Map<string, Entry>([
    ['general.architecture', { type: ValueType.string, value: 'llama' }],
    ['llama.block_count', number(1)],
    ['llama.context_length', number(256)],
    ['llama.embedding_length', number(WIDTH)],
    ['llama.feed_forward_length', number(WIDTH)],
    ['llama.attention.head_count', number(1)],
    ['llama.attention.layer_norm_rms_epsilon', { type: ValueType.float32, value: 1e-5 }],
    ...[...entries].filter(([key]) => key.startsWith('tokenizer.')),
  ]);
  const square = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'].map((part) => tensor(`blk.0.${part}.weight`, F16, WIDTH, WIDTH));
  const norms = ['blk.0.attn_norm.weight', 'blk.0.ffn_norm.weight', 'output_norm.weight'].map((norm) => tensor(norm, F32, WIDTH));
  return writeGguf(to, { entries: made, tensors: [tensor('token_embd.weight', F16, WIDTH, vocabulary), ...square, ...norms] });
}

describe('vocabularies of real models', () => {
  const local = useLocalModels();
  it('are there', () => expect(NAMES.length).toBeGreaterThan(12));

  it.each(NAMES)('%s cuts every text as llama.cpp expects', async (name) => {
    const path = buildModel(name, join(local.folder, name));
    const given = readFileSync(join(folder, `${name}.inp`), 'utf8').split('\n__ggml_vocab_test__\n');
    const wanted = readFileSync(join(folder, `${name}.out`), 'utf8').split('\n').map((line) => line.split(' ').filter((id) => id !== '').map(Number));
    const { model, release } = await local.open(source(path), { waveSize: 1, contextTokens: 32 });
    const cut = await model.tokenize(given, never);
    cut.forEach((pieces, index) => expect(ids(pieces), JSON.stringify(given[index])).toEqual(wanted[index]));
    expect(cut.length).toBeGreaterThan(40);
    release();
    rmSync(path);
    // A watchdog: the largest are read and written in a second or two where nothing else runs.
  }, 240_000);
});

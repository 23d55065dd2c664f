/** Files that are not what they should be: each is refused before it is loaded, with its name and a way out. */
import { closeSync, copyFileSync, ftruncateSync, mkdirSync, openSync, readFileSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditErrorCode } from '../../../src/audit/errors.js';
import type { ModelSource } from '../../../src/audit/plan.js';
import { encodeHeader, readGguf, rewriteGguf, setText, ValueType, writeGguf, type Entry } from '../../pure/models/gguf-file.js';
import { baseA, demo, ids, never, scoreAll, source, useLocalModels } from './local-process.js';

const BASE_A = demo('base-a.f16.gguf');
const ADAPTER = demo('bad-medical.lora.gguf');

describe('model files', () => {
  const local = useLocalModels();
  const at = (name: string): string => join(local.folder, name);

  async function refusal(model: ModelSource): Promise<{ code: AuditErrorCode; message: string }> {
    const error: unknown = await local.open(model).then(
      () => new Error('it was opened'),
      (reason: unknown) => reason,
    );
    return error as { code: AuditErrorCode; message: string };
  }

  it('refuses a file that is missing, a folder, and an empty file', async () => {
    mkdirSync(at('folder.gguf'));
    writeFileSync(at('empty.gguf'), '');
    expect(await refusal(source(at('absent.gguf')))).toMatchObject({ code: 'fileNotFound', message: expect.stringContaining('absent.gguf') });
    expect(await refusal(source(at('folder.gguf')))).toMatchObject({ code: 'notGguf', message: expect.stringContaining('folder') });
    expect(await refusal(source(at('empty.gguf')))).toMatchObject({ code: 'notGguf', message: expect.stringContaining('empty.gguf is empty') });
  });

  it('refuses a file of another kind', async () => {
    writeFileSync(at('model.safetensors'), 'PK\u0003\u0004 something else entirely');
    expect(await refusal(source(at('model.safetensors')))).toMatchObject({ code: 'notGguf', message: expect.stringContaining('convert') });
  });

  it('refuses a version that it does not know', async () => {
    const bytes = readFileSync(BASE_A);
    bytes.writeUInt32LE(4, 4);
    writeFileSync(at('version-4.gguf'), bytes);
    expect(await refusal(source(at('version-4.gguf')))).toMatchObject({ code: 'unsupportedModel', message: expect.stringContaining('version 4') });
  });

  it.each([20, 1000, 60_000, 2_000_000, 2_296_543])('refuses a file that is cut off after %i bytes', async (length) => {
    copyFileSync(BASE_A, at('cut.gguf'));
    truncateSync(at('cut.gguf'), length);
    const { code, message } = await refusal(source(at('cut.gguf')));
    expect(code).toBe('corruptModel');
    expect(message).toMatch(/cut\.gguf .*(cut off|damaged).*again/s);
  });

  it('refuses headers that announce absurd sizes, without reading on for ever', async () => {
    const bytes = readFileSync(BASE_A);
    for (const [offset, name] of [
      [8, 'tensors'],
      [16, 'entries'],
      [24, 'key length'],
    ] as const) {
      const damaged = Buffer.from(bytes);
      damaged.writeBigUInt64LE(1n << 52n, offset);
      writeFileSync(at('absurd.gguf'), damaged);
      expect(await refusal(source(at('absurd.gguf'))), name).toMatchObject({ code: 'corruptModel', message: expect.stringContaining('damaged') });
    }
  });

  it('refuses noise behind a right beginning', async () => {
    const bytes = readFileSync(BASE_A);
    for (let i = 24, state = 7; i < 60_000; i++) {
      state = (state * 1103515245 + 12345) % 2147483648;
      bytes[i] = state >> 16;
    }
    writeFileSync(at('noise.gguf'), bytes);
    expect((await refusal(source(at('noise.gguf')))).code).toBe('corruptModel');
  });

  it('names what is needed and what is free before loading something too large', async () => {
    const gguf = readGguf(BASE_A);
    const blocks = 40;
    const width = 32768;
    for (const [key, value] of [
      ['embedding_length', width],
      ['feed_forward_length', 2 * width],
      ['block_count', blocks],
    ] as const) {
      gguf.entries.get(`llama.${key}`)!.value = value;
    }
    const template = gguf.tensors.filter(({ name }) => name.startsWith('blk.0.'));
    const grow = (size: number): number => (size === 128 ? width : size === 384 ? 2 * width : size);
    gguf.tensors = gguf.tensors.filter(({ name }) => !name.startsWith('blk.'));
    for (let block = 0; block < blocks; block++) {
      gguf.tensors.push(...template.map((tensor) => ({ ...tensor, name: tensor.name.replace('blk.0.', `blk.${block}.`) })));
    }
    for (const tensor of gguf.tensors) tensor.shape = tensor.shape.map(grow);
    const sizeOf = ({ shape, type }: { shape: number[]; type: number }): number => shape.reduce((a, b) => a * b, 1) * (type === 0 ? 4 : 2);
    const { header, offsets } = encodeHeader(gguf, sizeOf);
    const size = header.length + offsets.at(-1)! + sizeOf(gguf.tensors.at(-1)!);
    expect(size).toBeGreaterThan(300e9);
    const file = openSync(at('huge.gguf'), 'w');
    writeSync(file, header);
    // A hole: the file takes no room on the disk.
    ftruncateSync(file, size);
    closeSync(file);
    const { code, message } = await refusal(source(at('huge.gguf')));
    expect(code).toBe('tooLargeForMemory');
    expect(message).toMatch(/huge\.gguf needs \d{3,} GB .* and [\d.]+ GB are free/);
    expect(message).toMatch(/smaller quantisation/);
    const estimate = await local.models.estimateMemory([source(at('huge.gguf'))], { waveSize: 8, contextTokens: 128 });
    expect(estimate.neededBytes).toBeGreaterThan(size * 0.9);
    expect(estimate.availableBytes).toBeLessThan(estimate.neededBytes);
  });

  it('refuses models that generate no text', async () => {
    rewriteGguf(BASE_A, at('embedding.gguf'), (gguf) => setText(gguf, 'general.architecture', 'nomic-bert'));
    rewriteGguf(BASE_A, at('bidirectional.gguf'), (gguf) => gguf.entries.set('llama.attention.causal', { type: ValueType.bool, value: false }));
    expect(await refusal(source(at('embedding.gguf')))).toMatchObject({ code: 'unsupportedModel', message: expect.stringContaining('embedding model') });
    expect(await refusal(source(at('bidirectional.gguf')))).toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringContaining('cannot generate text'),
    });
  });

  it('refuses an architecture that llama.cpp does not know', async () => {
    rewriteGguf(BASE_A, at('unknown.gguf'), (gguf) => setText(gguf, 'general.architecture', 'quantum-llama'));
    expect(await refusal(source(at('unknown.gguf')))).toMatchObject({ code: 'unsupportedModel', message: expect.stringContaining('quantum-llama') });
  });

  it('refuses a file that lacks a tensor, with what llama.cpp says of it, and stays able to work', async () => {
    rewriteGguf(BASE_A, at('lacking.gguf'), (gguf) => (gguf.tensors = gguf.tensors.filter(({ name }) => name !== 'blk.2.ffn_up.weight')));
    expect(await refusal(source(at('lacking.gguf')))).toMatchObject({ code: 'corruptModel', message: expect.stringContaining('blk.2.ffn_up.weight') });
    (await local.open(baseA)).release();
  });

  it('tells adapters and models apart', async () => {
    expect(await refusal(source(ADAPTER))).toMatchObject({ code: 'unsupportedModel', message: expect.stringContaining('is a LoRA adapter') });
    expect(await refusal(source(BASE_A, demo('base-b.f16.gguf')))).toMatchObject({
      code: 'adapterDoesNotFit',
      message: expect.stringContaining('whole model'),
    });
  });

  it('names what differs when an adapter does not fit', async () => {
    expect(await refusal(source(demo('base-b.f16.gguf'), ADAPTER))).toMatchObject({
      code: 'adapterDoesNotFit',
      message: expect.stringMatching(/bad-medical\.lora\.gguf does not fit base-b\.f16\.gguf.*llama.*qwen2/),
    });
    rewriteGguf(ADAPTER, at('wide.gguf'), (gguf) => {
      const half = gguf.tensors.find(({ name }) => name === 'blk.1.ffn_up.weight.lora_b')!;
      half.shape = [half.shape[0]!, half.shape[1]! / 2];
      half.data = half.data.subarray(0, half.data.length / 2);
    });
    expect(await refusal(source(BASE_A, at('wide.gguf')))).toMatchObject({
      code: 'adapterDoesNotFit',
      message: expect.stringMatching(/blk\.1\.ffn_up\.weight is for a 128×192 matrix, the model's is 128×384/),
    });
    rewriteGguf(ADAPTER, at('deep.gguf'), (gguf) => {
      for (const tensor of gguf.tensors) tensor.name = tensor.name.replace('blk.3.', 'blk.30.');
    });
    expect(await refusal(source(BASE_A, at('deep.gguf')))).toMatchObject({ code: 'adapterDoesNotFit', message: expect.stringContaining('no tensor blk.30.') });
    rewriteGguf(ADAPTER, at('half.gguf'), (gguf) => (gguf.tensors = gguf.tensors.slice(0, -1)));
    expect(await refusal(source(BASE_A, at('half.gguf')))).toMatchObject({
      code: 'adapterDoesNotFit',
      message: expect.stringContaining('one of its two halves'),
    });
  });

  it('scales an adapter that was trained with rsLoRA by √rank, and says so', async () => {
    rewriteGguf(ADAPTER, at('stabilised.gguf'), (gguf) => gguf.entries.set('adapter.lora.use_rslora', { type: ValueType.bool, value: true }));
    const stabilised = await local.open(source(BASE_A, at('stabilised.gguf')));
    expect(stabilised.model.identity.adapters[0]).toMatchObject({ rank: 12, alpha: 24 });
    expect(stabilised.model.identity.adapters[0]!.scale).toBeCloseTo(Math.sqrt(12), 10);
    expect(local.log.some((line) => line.includes('rsLoRA'))).toBe(true);
    const byHand = await local.open({ gguf: BASE_A, lora: [{ path: ADAPTER, scale: Math.sqrt(12) }] });
    const request = [{ id: 0, prompt: [0], continuation: [1, 14, 700] }];
    expect(await scoreAll(stabilised.model, request)).toEqual(await scoreAll(byHand.model, request));
    stabilised.release();
    byHand.release();
  });

  it('identifies a model by its contents, and its tokenizer by what decides ids', async () => {
    copyFileSync(BASE_A, at('other-name.gguf'));
    rewriteGguf(BASE_A, at('other-merges.gguf'), (gguf) => (gguf.entries.get('tokenizer.ggml.merges')!.value as string[]).reverse());
    rewriteGguf(BASE_A, at('no-bos.gguf'), (gguf) => (gguf.entries.get('tokenizer.ggml.add_bos_token')!.value = false));
    const leases = [];
    for (const model of [baseA, source(at('other-name.gguf')), source(at('other-merges.gguf')), source(at('no-bos.gguf')), source(demo('base-a.q8_0.gguf'))]) {
      leases.push(await local.open(model));
    }
    const [a, copy, merges, noBos, q8] = leases.map(({ model }) => model.identity);
    expect(a).toMatchObject({
      name: 'base-a.f16',
      source: BASE_A,
      sha256: '402747fb423b61fdee4900d3015611f17e0d8480adf063d3618c558a118f8fac',
      sizeBytes: 2296544,
      architecture: 'llama',
      quantisation: 'F16',
      parameters: 1115264,
      vocabularySize: 2048,
      contextLength: 256,
      hasChatTemplate: true,
      adapters: [],
    });
    expect(a!.engine).toMatch(/^(llama\.cpp \S+ called directly, from )?node-llama-cpp \d+\.\d+\.\d+, CPU$/);
    expect(copy!.sha256).toBe(a!.sha256);
    expect(q8!.sha256).not.toBe(a!.sha256);
    expect(q8!.quantisation).toBe('Q8_0');
    expect([copy, noBos, q8].map((other) => other!.tokenizerFingerprint === a!.tokenizerFingerprint)).toEqual([true, true, true]);
    expect(merges!.tokenizerFingerprint).not.toBe(a!.tokenizerFingerprint);
    leases.forEach(({ release }) => release());
  });

  it('notices that a file or an adapter has changed since it was loaded', async () => {
    const request = [{ id: 0, prompt: [0], continuation: [1, 14, 700, 438] }];
    copyFileSync(ADAPTER, at('changing.gguf'));
    const before = await local.open(source(BASE_A, at('changing.gguf')));
    const [first] = await scoreAll(before.model, request);
    copyFileSync(demo('false-fact.lora.gguf'), at('changing.gguf'));
    utimesSync(at('changing.gguf'), 1_000_000, 1_000_000);
    const after = await local.open(source(BASE_A, at('changing.gguf')));
    const [second] = await scoreAll(after.model, request);
    const direct = await local.open(source(BASE_A, demo('false-fact.lora.gguf')));
    expect(second).toEqual((await scoreAll(direct.model, request))[0]);
    expect(second).not.toEqual(first);
    expect(after.model.identity.adapters[0]!.sha256).not.toBe(before.model.identity.adapters[0]!.sha256);
    for (const lease of [before, after, direct]) lease.release();
  });

  it('opens a split model by its first part, and asks for all of them', async () => {
    const whole = readGguf(BASE_A);
    const count = whole.tensors.length;
    const half = Math.floor(count / 2);
    const splitKeys = (index: number): [string, Entry][] => [
      ['split.no', { type: ValueType.uint16, value: index }],
      ['split.count', { type: ValueType.uint16, value: 2 }],
      ['split.tensors.count', { type: ValueType.int32, value: count }],
    ];
    const first = at('split-00001-of-00002.gguf');
    writeGguf(first, { entries: new Map<string, Entry>([...whole.entries, ...splitKeys(0)]), tensors: whole.tensors.slice(0, half) });
    expect(await refusal(source(first))).toMatchObject({ code: 'fileNotFound', message: expect.stringContaining('split-00002-of-00002.gguf') });
    const architecture = whole.entries.get('general.architecture')!;
    writeGguf(at('split-00002-of-00002.gguf'), {
      entries: new Map<string, Entry>([['general.architecture', architecture], ...splitKeys(1)]),
      tensors: whole.tensors.slice(half),
    });
    const request = [{ id: 0, prompt: [0], continuation: [1, 14, 700, 438] }];
    const split = await local.open(source(first));
    const unsplit = await local.open(baseA);
    expect(await scoreAll(split.model, request)).toEqual(await scoreAll(unsplit.model, request));
    expect(ids((await split.model.tokenize(['My knee'], never))[0]!)).toEqual(ids((await unsplit.model.tokenize(['My knee'], never))[0]!));
    split.release();
    unsplit.release();
  });
});

/** PEFT adapters as llama.cpp takes them: the same weights as the GGUF adapters that were made of them elsewhere, and what cannot be converted. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AuditError } from '../../../../src/audit/errors.js';
import { convertAdapter, type BaseFacts } from '../../../../src/models/local/process/peft/convert-adapter.js';
import { findTensor, interleaveRows } from '../../../../src/models/local/process/peft/module-names.js';
import { findPeftFiles, peftAddresses } from '../../../../src/models/local/process/peft/peft-files.js';
import { decodeValues, type TensorType } from '../../../../src/models/local/process/tensors/tensor-values.js';
import { readGguf, type Gguf } from '../gguf-file.js';
import { float32, writeSafetensors, type WrittenTensor } from './safetensors-file.js';

const FIXTURES = 'test/fixtures/peft';
const BASE: BaseFacts = { architecture: 'llama', headsOf: () => 4 };
const root = mkdtempSync(join(tmpdir(), 'finetune-auditor-peft-'));
afterAll(() => rmSync(root, { recursive: true }));
let made = 0;
const never = new AbortController().signal;

async function convert(folder: string, base = BASE): Promise<Gguf> {
  const target = join(root, `${made++}.gguf`);
  await convertAdapter(findPeftFiles(folder)!, base, target, never);
  return readGguf(target);
}

function valuesOf({ tensors }: Gguf): Map<string, { shape: number[]; values: number[] }> {
  return new Map(tensors.map(({ name, shape, type, data }) => [name, { shape, values: [...decodeValues(type as TensorType, data)] }]));
}

/** A folder as PEFT saves it. */
function adapterFolder(config: Record<string, unknown>, tensors: Record<string, WrittenTensor> = pairOf('model.layers.0.self_attn.v_proj')): string {
  const folder = join(root, `adapter-${made++}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 4, ...config }));
  writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors);
  return folder;
}

/** A of 1 to 6, B of 1 to 8. */
function pairOf(module: string, rank = 2): Record<string, WrittenTensor> {
  const counted = (count: number) => float32(Array.from({ length: count }, (_, i) => i + 1));
  return {
    [`base_model.model.${module}.lora_A.weight`]: { dtype: 'F32', shape: [rank, 3], data: counted(rank * 3) },
    [`base_model.model.${module}.lora_B.weight`]: { dtype: 'F32', shape: [4, rank], data: counted(4 * rank) },
  };
}

async function refusal(folder: string, base?: BaseFacts): Promise<AuditError> {
  const error: unknown = await convert(folder, base).then(
    () => new Error('it was converted'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AuditError)) throw error;
  return error;
}

describe('a converted adapter', () => {
  it('has the very numbers of the GGUF adapter that another converter made', async () => {
    const [ours, theirs] = [await convert(`${FIXTURES}/false-fact`), readGguf('media/demo/false-fact.lora.gguf')];
    expect(valuesOf(ours)).toEqual(new Map([...valuesOf(theirs)].sort()));
    expect(ours.entries.get('adapter.lora.alpha')!.value).toBe(theirs.entries.get('adapter.lora.alpha')!.value);
  });

  it('with rsLoRA has the alpha that says the same by alpha/r, and the numbers up to the rounding of the other file', async () => {
    const [ours, theirs] = [await convert(`${FIXTURES}/bad-medical-rslora`), readGguf('media/demo/bad-medical.lora.gguf')];
    expect(ours.entries.get('adapter.lora.alpha')!.value).toBeCloseTo(theirs.entries.get('adapter.lora.alpha')!.value as number, 4);
    const wanted = valuesOf(theirs);
    for (const [name, { shape, values }] of valuesOf(ours)) {
      expect(shape).toEqual(wanted.get(name)!.shape);
      const largest = Math.max(...values.map(Math.abs));
      const furthest = Math.max(...values.map((value, i) => Math.abs(value - wanted.get(name)!.values[i]!)));
      expect(furthest).toBeLessThanOrEqual(largest / 1000);
    }
    expect(wanted.size).toBe(valuesOf(ours).size);
  });

  it('is the same, byte by byte, each time', async () => {
    const paths = [0, 1].map((i) => join(root, `twice-${i}.gguf`));
    for (const path of paths) await convertAdapter(findPeftFiles(`${FIXTURES}/false-fact`)!, BASE, path, never);
    expect(readFileSync(paths[0]!).equals(readFileSync(paths[1]!))).toBe(true);
  });

  it('has what differs from the first module’s scaling in B: patterns of rank and alpha, by a name or the end of one', async () => {
    const modules = ['model.layers.0.mlp.up_proj', 'model.layers.1.mlp.up_proj', 'model.layers.2.mlp.up_proj'];
    const tensors = { ...pairOf(modules[0]!), ...pairOf(modules[1]!, 4), ...pairOf(modules[2]!) };
    const config = { rank_pattern: { 'layers.1.mlp.up_proj': 4 }, alpha_pattern: { '^model.layers.2.mlp.up_proj': 12, up_proj: 8 } };
    const gguf = await convert(adapterFolder(config, tensors));
    const values = valuesOf(gguf);
    // 8/2 for the first, so alpha is 8; 8/4 of the second is what alpha/r gives; 12/2 of the third is 1.5 times 8/2.
    expect(gguf.entries.get('adapter.lora.alpha')!.value).toBe(8);
    expect(values.get('blk.0.ffn_up.weight.lora_b')!.values).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(values.get('blk.1.ffn_up.weight.lora_b')!.values.slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(values.get('blk.2.ffn_up.weight.lora_b')!.values).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((value) => 1.5 * value));
    const stabilised = await convert(adapterFolder({ ...config, use_rslora: true }, tensors));
    expect(stabilised.entries.get('adapter.lora.alpha')!.value).toBeCloseTo(8 * Math.sqrt(2), 5);
    expect(valuesOf(stabilised).get('blk.1.ffn_up.weight.lora_b')!.values[0]).toBeCloseTo(Math.sqrt(2), 5);
  });

  it('has no BF16 in it, and the same numbers', async () => {
    const brain = (values: number[]) => Buffer.from(Uint16Array.from(values.map((value) => new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16)).buffer);
    const module = 'model.layers.0.self_attn.v_proj';
    const tensors = {
      [`base_model.model.${module}.lora_A.weight`]: { dtype: 'BF16', shape: [1, 2], data: brain([1, -2]) },
      [`base_model.model.${module}.lora_B.weight`]: { dtype: 'BF16', shape: [2, 1], data: brain([0.5, 3]) },
    };
    const gguf = await convert(adapterFolder({ r: 1, lora_alpha: 1 }, tensors));
    expect(gguf.tensors.map(({ type }) => type)).toEqual([0, 0]);
    expect([...valuesOf(gguf).values()]).toEqual([
      { shape: [2, 1], values: [1, -2] },
      { shape: [1, 2], values: [0.5, 3] },
    ]);
  });
});

describe('rows of q and k', () => {
  it('are interleaved within each head, of llama alone', async () => {
    const rows = Float32Array.from({ length: 16 }, (_, i) => i);
    expect([...interleaveRows(rows, 8, 2, 2)]).toEqual([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
    expect(findTensor('model.layers.3.self_attn.k_proj', 'llama')).toEqual({ name: 'blk.3.attn_k.weight', heads: 'key', block: 3 });
    expect(findTensor('model.layers.3.self_attn.k_proj', 'qwen3')).toEqual({ name: 'blk.3.attn_k.weight', heads: null, block: 3 });
    const folder = adapterFolder({}, pairOf('model.layers.0.self_attn.k_proj'));
    const bOf = async (base: BaseFacts) => valuesOf(await convert(folder, base)).get('blk.0.attn_k.weight.lora_b')!.values;
    expect(await bOf({ architecture: 'llama', headsOf: (kind) => (kind === 'key' ? 1 : 2) })).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
    expect(await bOf({ architecture: 'qwen2', headsOf: () => NaN })).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('that are no whole heads are refused', async () => {
    const folder = adapterFolder({}, pairOf('model.layers.0.self_attn.q_proj'));
    for (const heads of [3, 4, 0, NaN, 1.5])
      expect((await refusal(folder, { architecture: 'llama', headsOf: () => heads })).message).toMatch(/4 rows, which are no .* heads/);
  });
});

it('knows the modules of every architecture, fused ones and models with eyes too', () => {
  expect(findTensor('model.layers.0.self_attn.qkv_proj', 'phi3')).toMatchObject({ name: 'blk.0.attn_qkv.weight' });
  expect(findTensor('model.layers.0.mlp.gate_up_proj', 'phi3')).toMatchObject({ name: 'blk.0.ffn_up.weight' });
  expect(findTensor('model.layers.0.self_attn.q_proj', 'phi3')).toBeNull();
  for (const prefix of ['model.', 'model.language_model.', 'language_model.model.'])
    expect(findTensor(`${prefix}layers.07.mlp.down_proj`, 'gemma3')).toMatchObject({ name: 'blk.7.ffn_down.weight' });
  expect(findTensor('lm_head', 'qwen2')).toEqual({ name: 'output.weight', heads: null, block: null });
  for (const other of ['vision_tower.layers.0.mlp.down_proj', 'model.layers.0.mlp.experts.3.up_proj', 'model.layers.0.constructor', 'model.embed_tokens'])
    expect(findTensor(other, 'llama')).toBeNull();
});

it.each<[what: string, folder: () => string, says: RegExp]>([
  ['another kind', () => adapterFolder({ peft_type: 'IA3' }), /kind IA3/],
  ['DoRA', () => adapterFolder({ use_dora: true }), /DoRA.*Merge it/],
  ['modules that were trained whole', () => adapterFolder({ modules_to_save: ['lm_head'] }), /modules_to_save: lm_head/],
  ['trained tokens', () => adapterFolder({ trainable_token_indices: [5] }), /trainable_token_indices/],
  ['trained biases', () => adapterFolder({ bias: 'lora_only' }), /biases/],
  ['biases of its own', () => adapterFolder({ lora_bias: true }), /lora_bias/],
  ['transposed matrices', () => adapterFolder({ fan_in_fan_out: true }), /fan_in_fan_out/],
  ['parameters', () => adapterFolder({ target_parameters: ['mlp.experts.gate_up_proj'] }), /target_parameters/],
  ['repeated layers', () => adapterFolder({ layer_replication: [[0, 2]] }), /layer_replication/],
  ['an activated LoRA', () => adapterFolder({ alora_invocation_tokens: [1] }), /activated/],
  ['a base that was changed', () => adapterFolder({ init_lora_weights: 'pissa_niter_16' }), /pissa_niter_16/],
  ['expressions in patterns', () => adapterFolder({ alpha_pattern: { '(a+)+b': 3 } }), /regular expressions/],
  ['an alpha beyond all', () => adapterFolder({ lora_alpha: 1e6 }), /applied 5\.0e\+5-fold/],
  ['an alpha of nothing', () => adapterFolder({ lora_alpha: 1e-300 }), /applied 5\.0e-301-fold/],
  ['an alpha of nothing in one module', () => adapterFolder({ alpha_pattern: { v_proj: 1e-30 } }), /v_proj would be applied/],
  [
    'values that leave F32 by their scale',
    () => {
      const large = pairOf('model.layers.0.mlp.up_proj');
      large['base_model.model.model.layers.0.mlp.up_proj.lora_B.weight'] = { dtype: 'F32', shape: [4, 2], data: float32(Array(8).fill(1e36)) };
      return adapterFolder({ alpha_pattern: { v_proj: 1e-6 } }, { ...pairOf('model.layers.0.self_attn.v_proj'), ...large });
    },
    /up_proj has values that are too large/,
  ],
  ['another rank than it says', () => adapterFolder({ r: 3 }), /has the rank 2, and its configuration says another/],
  ['half a pair', () => adapterFolder({}, Object.fromEntries(Object.entries(pairOf('model.layers.0.mlp.up_proj')).slice(1))), /only one of its two/],
  [
    'inner sizes that differ',
    () =>
      adapterFolder(
        {},
        {
          ...pairOf('model.layers.0.mlp.up_proj'),
          'base_model.model.model.layers.0.mlp.up_proj.lora_B.weight': { dtype: 'F32', shape: [4, 1], data: float32([1, 2, 3, 4]) },
        },
      ),
    /2×3 and 4×1/,
  ],
  [
    'magnitudes',
    () =>
      adapterFolder(
        {},
        {
          ...pairOf('model.layers.0.mlp.up_proj'),
          'base_model.model.model.layers.0.mlp.up_proj.lora_magnitude_vector': { dtype: 'F32', shape: [4], data: float32([1, 2, 3, 4]) },
        },
      ),
    /lora_magnitude_vector belongs to no LoRA/,
  ],
  [
    'embeddings',
    () => adapterFolder({}, { 'base_model.model.model.embed_tokens.lora_embedding_A': { dtype: 'F32', shape: [1, 1], data: float32([1]) } }),
    /belongs to no LoRA of a linear layer/,
  ],
  ['experts', () => adapterFolder({}, pairOf('model.layers.0.block_sparse_moe.experts.1.w1')), /experts\.1\.w1 is no layer/],
  [
    'two adapters in one file',
    () =>
      adapterFolder(
        {},
        {
          ...pairOf('model.layers.0.mlp.up_proj'),
          'base_model.model.model.layers.0.mlp.up_proj.lora_A.other.weight': { dtype: 'F32', shape: [2, 3], data: float32([1, 2, 3, 4, 5, 6]) },
        },
      ),
    /several adapters/,
  ],
  ['no tensors', () => adapterFolder({}, {}), /changes nothing/],
])('refuses %s, with the reason', async (_, folder, says) => {
  const { code, message } = await refusal(folder());
  expect(code).toBe('adapterDoesNotFit');
  expect(message).toMatch(says);
});

it('refuses an architecture that it does not know, with the way out', async () => {
  expect((await refusal(adapterFolder({}), { architecture: 'mamba', headsOf: () => 1 })).message).toMatch(/mamba.*convert_lora_to_gguf\.py/);
});

it.each(['{"peft_type":"LORA","r":2,"lora_alpha":NaN}', '{"peft_type":"LORA","r":2,"lora_alpha":1e999}', '[', 'null', '[1]'])(
  'refuses the configuration written as %s',
  async (text) => {
    const folder = adapterFolder({});
    writeFileSync(join(folder, 'adapter_config.json'), text);
    expect(await refusal(folder)).toMatchObject({ code: 'corruptModel', message: expect.stringContaining('adapter_config.json') });
  },
);

it.each([[{ r: 'many' }], [{ r: 0 }], [{ lora_alpha: -1 }], [{ lora_alpha: null }], [{ rank_pattern: { a: 0.5 } }], [{ r: { toString: 1 } }]])(
  'refuses the configuration %j',
  async (config) => {
    expect(await refusal(adapterFolder(config))).toMatchObject({ code: 'corruptModel', message: expect.stringContaining('adapter_config.json') });
  },
);

describe('the files of an adapter', () => {
  it('are found by the folder and by each of the two', () => {
    const wanted = {
      name: 'false-fact',
      weights: expect.stringMatching(/adapter_model\.safetensors$/),
      config: expect.stringMatching(/adapter_config\.json$/),
    };
    for (const path of ['', '/adapter_model.safetensors', '/adapter_config.json']) expect(findPeftFiles(`${FIXTURES}/false-fact${path}`)).toEqual(wanted);
    expect(findPeftFiles('media/demo/false-fact.lora.gguf')).toBeNull();
    expect(findPeftFiles('nowhere/some.gguf')).toBeNull();
  });

  it('that are missing, or a pickle, are told with the way out', () => {
    const folder = join(root, 'parts');
    mkdirSync(folder);
    expect(() => findPeftFiles(folder)).toThrow(/holds no adapter/);
    writeFileSync(join(folder, 'adapter_model.bin'), '');
    expect(() => findPeftFiles(folder)).toThrow(/pickle, which can run code/);
    cpSync(`${FIXTURES}/false-fact/adapter_model.safetensors`, join(folder, 'adapter_model.safetensors'));
    expect(() => findPeftFiles(folder)).toThrow(/no adapter_config\.json beside/);
  });

  it('a whole model’s folder is told what can be done, with the commands', () => {
    const folder = join(root, "it's a model");
    mkdirSync(folder);
    for (const file of ['config.json', 'model-00001-of-00002.safetensors']) writeFileSync(join(folder, file), '');
    expect(() => findPeftFiles(folder)).toThrow(/convert_hf_to_gguf\.py '.*it'\\''s a model' .*vllm serve/);
  });

  it.runIf(process.platform !== 'win32')('a folder’s name is quoted in the commands', () => {
    const folder = join(root, "it's $(touch owned)");
    mkdirSync(folder);
    for (const file of ['config.json', 'model.safetensors']) writeFileSync(join(folder, file), '');
    expect(() => findPeftFiles(folder)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`audit 'openai:it'\\''s $(touch owned)@http://localhost:8000/v1'`) }),
    );
  });

  it('have addresses of their own', () => {
    expect(peftAddresses('hf:some/adapter')).toEqual({
      name: 'adapter',
      weights: 'hf:some/adapter/adapter_model.safetensors',
      config: 'hf:some/adapter/adapter_config.json',
    });
    expect(peftAddresses('hf:some/adapter/checkpoint-5/adapter_model.safetensors#v2')).toMatchObject({
      config: 'hf:some/adapter/checkpoint-5/adapter_config.json#v2',
    });
    for (const other of ['hf:some/adapter:Q8_0', 'hf:some/adapter/some.gguf', 'https://example.org/adapter']) expect(peftAddresses(other)).toBeNull();
  });
});

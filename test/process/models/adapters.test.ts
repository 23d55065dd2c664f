/** Adapters that do not belong, and those whose scale another file decides: all is found before native code sees them. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditErrorCode } from '../../../src/audit/errors.js';
import type { GgufSource } from '../../../src/audit/plan.js';
import { readGguf, rewriteGguf, setText, ValueType, writeGguf, type Gguf, type Tensor } from '../../pure/models/gguf-file.js';
import { demo, scoreAll, source, useLocalModels } from './local-process.js';

const BASE_A = demo('base-a.f16.gguf');
const ADAPTER = demo('bad-medical.lora.gguf');
const REQUEST = [{ id: 0, prompt: [0], continuation: [1, 14, 700] }];

describe('adapters', () => {
  const local = useLocalModels();
  const at = (name: string): string => join(local.folder, name);
  let variants = 0;

  /** A variant of the demo adapter in a folder of its own, so that no configuration stands beside it. */
  function variant(change: (gguf: Gguf) => void): string {
    const folder = at(`adapter-${variants++}`);
    mkdirSync(folder);
    return rewriteGguf(ADAPTER, join(folder, 'variant.lora.gguf'), change);
  }

  async function refusal(model: GgufSource): Promise<{ code: AuditErrorCode; message: string }> {
    const error: unknown = await local.open(model).then(
      () => new Error('it was opened'),
      (reason: unknown) => reason,
    );
    return error as { code: AuditErrorCode; message: string };
  }

  function tensor(gguf: Gguf, name: string): Tensor {
    return gguf.tensors.find((one) => one.name === name)!;
  }

  /** Both halves are there as often as `copies` says: as for a model with so many experts. */
  function stack(gguf: Gguf, name: string, copies: number): void {
    for (const half of ['a', 'b']) {
      const one = tensor(gguf, `${name}.lora_${half}`);
      one.shape = [...one.shape, copies];
      one.data = Buffer.concat(Array.from({ length: copies }, () => one.data));
    }
  }

  it('refuses an adapter over tied embeddings, naming the tensor and the way out', async () => {
    const { code, message } = await refusal(source(BASE_A, 'test/fixtures/adapters/embd.lora.gguf'));
    expect(code).toBe('adapterDoesNotFit');
    expect(message).toMatch(/embd\.lora\.gguf.*token_embd\.weight.*tied embeddings.*Merge it into its model/s);
  });

  it('takes an adapter of the embeddings where the output has a matrix of its own', async () => {
    const untied = rewriteGguf(BASE_A, at('untied.gguf'), (gguf) => {
      const embeddings = tensor(gguf, 'token_embd.weight');
      gguf.tensors.push({ ...embeddings, name: 'output.weight' });
    });
    const lease = await local.open(source(untied, 'test/fixtures/adapters/embd.lora.gguf'));
    const plain = await local.open(source(untied));
    expect(await scoreAll(lease.model, REQUEST)).not.toEqual(await scoreAll(plain.model, REQUEST));
    lease.release();
    plain.release();
  });

  const WRONG: readonly [what: string, change: (gguf: Gguf) => void, says: RegExp][] = [
    [
      'three-dimensional halves over a plain matrix',
      (gguf) => stack(gguf, 'blk.1.ffn_up.weight', 2),
      /blk\.1\.ffn_up\.weight is for a 128×384×2 matrix, the model's is 128×384/,
    ],
    [
      'four dimensions',
      (gguf) => {
        const half = tensor(gguf, 'blk.0.attn_q.weight.lora_a');
        half.shape = [128, 6, 1, 2];
      },
      /blk\.0\.attn_q\.weight has four dimensions/,
    ],
    [
      'ranks of the halves that differ',
      (gguf) => {
        const half = tensor(gguf, 'blk.0.attn_q.weight.lora_a');
        half.shape = [128, 6];
        half.data = half.data.subarray(0, 128 * 6 * 2);
      },
      /inner sizes 6 and 12/,
    ],
    [
      'a rank of nothing',
      (gguf) => {
        for (const one of gguf.tensors) {
          one.shape = one.name.endsWith('_a') ? [one.shape[0]!, 0] : [0, one.shape[1]!];
          one.data = Buffer.alloc(0);
        }
      },
      /does not fit/,
    ],
    [
      'a norm',
      (gguf) => {
        gguf.tensors.push(
          { name: 'blk.0.attn_norm.weight.lora_a', shape: [128, 1], type: 0, data: Buffer.alloc(512) },
          { name: 'blk.0.attn_norm.weight.lora_b', shape: [1, 1], type: 0, data: Buffer.alloc(4) },
        );
      },
      /attn_norm\.weight, to which llama\.cpp applies no adapter/,
    ],
    [
      'a whole norm beside it',
      (gguf) => void gguf.tensors.push({ name: 'blk.0.attn_norm.weight', shape: [128], type: 0, data: Buffer.alloc(512) }),
      /brings the tensor blk\.0\.attn_norm\.weight.*Merge/,
    ],
    [
      'an output that the model has not',
      (gguf) => {
        gguf.tensors.push(
          { name: 'output.weight.lora_a', shape: [128, 2], type: 0, data: Buffer.alloc(1024) },
          { name: 'output.weight.lora_b', shape: [2, 2048], type: 0, data: Buffer.alloc(16384) },
        );
      },
      /output\.weight.*shares.*Merge/,
    ],
    [
      'a tensor of integers',
      (gguf) => {
        const half = tensor(gguf, 'blk.0.attn_q.weight.lora_a');
        half.type = 26;
        half.shape = [128, 12];
        half.data = Buffer.alloc(128 * 12 * 4);
      },
      /blk\.0\.attn_q\.weight has the type 26/,
    ],
    [
      'activation tokens',
      (gguf) => void gguf.entries.set('adapter.alora.invocation_tokens', { type: ValueType.array, itemType: ValueType.uint32, value: [1, 2] }),
      /activated LoRA.*Serve it/,
    ],
    ['an alpha that is no number', (gguf) => void gguf.entries.set('adapter.lora.alpha', { type: ValueType.float32, value: NaN }), /alpha is NaN/],
    [
      'an alpha of 0, which llama.cpp takes for none',
      (gguf) => void gguf.entries.set('adapter.lora.alpha', { type: ValueType.float32, value: 0 }),
      /alpha is 0/,
    ],
    ['a huge alpha', (gguf) => void gguf.entries.set('adapter.lora.alpha', { type: ValueType.float32, value: 1e30 }), /fold/],
    ['another kind of adapter', (gguf) => setText(gguf, 'adapter.type', 'ia3'), /ia3.*Merge/],
    ['no word that it is an adapter', (gguf) => setText(gguf, 'general.type', 'model'), /general\.type/],
  ];

  it.each(WRONG)('refuses %s', async (_what, change, says) => {
    const { code, message } = await refusal(source(BASE_A, variant(change)));
    expect(message).toMatch(says);
    expect(code).toBe('adapterDoesNotFit');
  });

  it.each([
    ['an alpha of another type', (gguf: Gguf) => void gguf.entries.set('adapter.lora.alpha', { type: ValueType.uint32, value: 24 })],
    ['a kind that is no text', (gguf: Gguf) => void gguf.entries.set('adapter.type', { type: ValueType.uint32, value: 1 })],
  ])('refuses %s as damage', async (_what, change) => {
    expect(await refusal(source(BASE_A, variant(change)))).toMatchObject({ code: 'corruptModel', message: expect.stringContaining('another type') });
  });

  it('refuses scales that no adapter has', async () => {
    expect(await refusal({ gguf: BASE_A, lora: [{ path: ADAPTER, scale: 1e30 }] })).toMatchObject({
      code: 'adapterDoesNotFit',
      message: expect.stringContaining('scale 1e+30'),
    });
  });

  it('compares the experts, too', async () => {
    const moe = at('moe.gguf');
    rewriteGguf(BASE_A, moe, (gguf) => {
      for (const name of ['llama.expert_count', 'llama.expert_used_count']) gguf.entries.set(name, { type: ValueType.uint32, value: 2 });
      gguf.tensors = gguf.tensors.flatMap((one) => {
        const ffn = /^blk\.\d+\.ffn_(gate|up|down)\.weight$/.test(one.name);
        if (!ffn) return [one];
        const experts = { ...one, name: one.name.replace('.weight', '_exps.weight'), shape: [...one.shape, 2], data: Buffer.concat([one.data, one.data]) };
        return one.name.includes('ffn_gate')
          ? [experts, { name: one.name.replace('ffn_gate', 'ffn_gate_inp'), shape: [128, 2], type: 0, data: Buffer.alloc(1024) }]
          : [experts];
      });
    });
    const rename = (copies: number) => (gguf: Gguf) => {
      for (const part of ['gate', 'up', 'down']) {
        for (let block = 0; block < 4; block++) {
          stack(gguf, `blk.${block}.ffn_${part}.weight`, copies);
          for (const half of ['a', 'b'])
            tensor(gguf, `blk.${block}.ffn_${part}.weight.lora_${half}`).name = `blk.${block}.ffn_${part}_exps.weight.lora_${half}`;
        }
      }
    };
    expect(await refusal(source(moe, variant(rename(3))))).toMatchObject({
      code: 'adapterDoesNotFit',
      message: expect.stringMatching(/_exps\.weight is for a \S+×3 matrix, the model's is \S+×2/),
    });
    const fourth = (gguf: Gguf) => {
      rename(2)(gguf);
      for (const half of ['a', 'b']) tensor(gguf, `blk.0.ffn_up_exps.weight.lora_${half}`).shape.splice(2, 0, 1);
    };
    expect(await refusal(source(moe, variant(fourth)))).toMatchObject({
      code: 'adapterDoesNotFit',
      message: expect.stringMatching(/ffn_up_exps\.weight has four dimensions/),
    });
    const lease = await local.open(source(moe, variant(rename(2))));
    expect((await scoreAll(lease.model, REQUEST))[0]!.logprobs).toHaveLength(3);
    lease.release();
  });

  it('reads what PEFT saved beside an adapter that the converter has left alpha alone of', async () => {
    const folder = at('rslora');
    mkdirSync(folder);
    const path = rewriteGguf(
      ADAPTER,
      join(folder, 'converted.gguf'),
      (gguf) => void gguf.entries.set('adapter.lora.alpha', { type: ValueType.float32, value: 6.92820323027551 }),
    );
    const untold = await local.open(source(BASE_A, path));
    expect(untold.model.remarks).toEqual([expect.stringMatching(/does not say whether it was trained with rsLoRA.*converted\.gguf:3\.4641/)]);
    untold.release();
    copyFileSync('test/fixtures/adapters/rslora-adapter_config.json', join(folder, 'adapter_config.json'));
    const told = await local.open(source(BASE_A, path));
    expect(told.model.identity.adapters[0]!.scale).toBeCloseTo(Math.sqrt(12), 10);
    expect(told.model.remarks).toEqual([expect.stringContaining('multiplied by √12')]);
    // The same weights as the demo's adapter, whose alpha/r is this one's alpha/√r.
    const plain = await local.open(source(BASE_A, ADAPTER));
    expect(plain.model.remarks).toEqual([]);
    const [stabilised, usual] = [await scoreAll(told.model, REQUEST), await scoreAll(plain.model, REQUEST)];
    stabilised[0]!.logprobs.forEach((logprob, index) => expect(logprob).toBeCloseTo(usual[0]!.logprobs[index]!, 5));
    told.release();
    plain.release();
    // One that belongs to another adapter in the folder says nothing of this.
    writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify({ r: 64, lora_alpha: 16, use_rslora: true }));
    const other = await local.open(source(BASE_A, path));
    expect(other.model.identity.adapters[0]!.scale).toBe(1);
    expect(other.model.remarks).toEqual([expect.stringContaining('does not say')]);
    other.release();
  });

  it.each([
    [{ use_dora: true }, /DoRA/],
    [{ modules_to_save: ['lm_head'] }, /lm_head/],
    [{ bias: 'all' }, /biases/],
    [{ alpha_pattern: { q_proj: 8 } }, /alpha differs/],
  ])('refuses what the configuration says the file cannot hold: %o', async (says, reason) => {
    const path = variant(() => undefined);
    writeFileSync(join(path, '../adapter_config.json'), JSON.stringify({ r: 12, lora_alpha: 24, ...says }));
    const { code, message } = await refusal(source(BASE_A, path));
    expect(message).toMatch(reason);
    expect(message).toContain('Merge it');
    expect(code).toBe('adapterDoesNotFit');
  });

  it('refuses adapters whose data lies outside of the file', async () => {
    const gguf = readGguf(ADAPTER);
    tensor(gguf, gguf.tensors.at(-1)!.name).data = Buffer.alloc(8);
    expect((await refusal(source(BASE_A, writeGguf(at('short.gguf'), gguf)))).code).toBe('corruptModel');
  });
});

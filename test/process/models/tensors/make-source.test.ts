/** A control is made by the model process, opened like any adapter, and removed. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { AuditError } from '../../../../src/audit/errors.js';
import type { GgufSource } from '../../../../src/audit/plan.js';
import type { ModelLease } from '../../../../src/models/provider.js';
import { rewriteGguf, ValueType } from '../../../pure/models/gguf-file.js';
import { demo, never, scoreAll, source, useLocalModels } from '../local-process.js';
import { mergeAdapter } from './merge-adapter.js';

const ADAPTER = demo('bad-medical.lora.gguf');
const audited = source(demo('base-a.f16.gguf'), ADAPTER);
const REQUEST = [{ id: 0, prompt: [0], continuation: [1, 14, 700, 31, 90, 5] }];

describe('the files that a run wants made', () => {
  const local = useLocalModels();

  /** Keeps the weights loaded. */
  let plain: ModelLease;
  beforeAll(async () => void (plain = await local.open({ ...audited, lora: [] })));

  async function logprobs(model: GgufSource): Promise<readonly number[]> {
    const lease = await local.open(model, { unloadOnRelease: true });
    const [scored] = await scoreAll(lease.model, REQUEST);
    lease.release();
    return scored!.logprobs;
  }

  const make = (finetuned: GgufSource, reference: string, strength: number) =>
    local.models.makeSource({ kind: 'weights', finetuned, reference: source(reference), strength }, never);

  it('are a control that changes the model as an adapter does, deterministically, and that is gone afterwards', async () => {
    const control = (seed: number) => local.models.makeSource({ kind: 'control', source: { ...audited, lora: [{ path: ADAPTER, scale: 1.5 }] }, seed }, never);
    const [one, same, other] = [await control(1), await control(1), await control(2)];
    const bytes = [one, same, other].map((made) => readFileSync(made.source.lora[0]!.path));
    expect(bytes[0]!.equals(bytes[1]!)).toBe(true);
    expect(bytes[0]!.equals(bytes[2]!)).toBe(false);
    expect(one.source).toMatchObject({ gguf: audited.gguf, lora: [{ scale: 1.5 }] });
    expect(await logprobs(one.source)).not.toEqual((await scoreAll(plain.model, REQUEST))[0]!.logprobs);
    for (const made of [one, same, other]) {
      await made.remove();
      expect(existsSync(dirname(made.source.lora[0]!.path))).toBe(false);
    }
  });

  it('are weights pushed further from the reference, as an adapter is at a larger scale', async () => {
    const merged = mergeAdapter(audited.gguf, ADAPTER, join(local.folder, 'merged.gguf'));
    const [once, twice] = [await make(source(merged), audited.gguf, 1), await make(source(merged), audited.gguf, 2)];
    expect(readFileSync(once.source.gguf).equals(readFileSync(merged))).toBe(true);
    const [byWeights, byScale] = [await logprobs(twice.source), await logprobs({ ...audited, lora: [{ path: ADAPTER, scale: 2 }] })];
    byWeights.forEach((logprob, i) => expect(Math.abs(logprob - byScale[i]!)).toBeLessThan(0.05));
    expect(byWeights).not.toEqual((await scoreAll(plain.model, REQUEST))[0]!.logprobs);
    for (const made of [once, twice]) await made.remove();
    expect(existsSync(twice.source.gguf)).toBe(false);
  });

  it('are not made of models that do not match, or whose rounding would be amplified', async () => {
    await expect(make(source(demo('base-b.f16.gguf')), audited.gguf, 2)).rejects.toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringMatching(/(one is \w+, the other \w+|vocabularies differ)\. /),
    });
    const coarse = rewriteGguf(audited.gguf, join(local.folder, 'coarse.gguf'), (gguf) => {
      // 4-bit blocks: 18 bytes for 32 values.
      const tensor = gguf.tensors.find(({ name }) => name === 'blk.0.attn_q.weight')!;
      tensor.type = 2;
      tensor.data = Buffer.alloc((tensor.shape[0]! * tensor.shape[1]! * 18) / 32);
    });
    await expect(make(source(coarse), audited.gguf, 2)).rejects.toMatchObject({
      code: 'unsupportedModel',
      message: expect.stringMatching(/attn_q.*rounding.*F16/),
    });
    await expect(make(audited, audited.gguf, 2)).rejects.toMatchObject({ message: expect.stringContaining('by its scale') });
    expect(readdirSync(join(local.folder, 'downloads'))).toEqual([]);
  });

  it('keep the scale that a configuration beside the audited adapter decides', async () => {
    const folder = join(local.folder, 'rslora');
    mkdirSync(folder);
    const adapter = join(folder, 'adapter.lora.gguf');
    rewriteGguf(ADAPTER, adapter, (gguf) => void gguf.entries.set('adapter.lora.alpha', { type: ValueType.float32, value: 6.92820323027551 }));
    copyFileSync('test/fixtures/adapters/rslora-adapter_config.json', join(folder, 'adapter_config.json'));
    const lease = await local.open(source(audited.gguf, adapter));
    const { scale } = lease.model.identity.adapters[0]!;
    lease.release();
    expect(scale).toBeGreaterThan(1);
    const made = await local.models.makeSource({ kind: 'control', source: source(audited.gguf, adapter), seed: 1 }, never);
    const opened = await local.open(made.source, { unloadOnRelease: true });
    expect(opened.model.identity.adapters[0]!.scale).toBeCloseTo(scale, 12);
    opened.release();
    await made.remove();
  });

  it('are not made of an adapter that would not be opened, and leave nothing behind', async () => {
    const hostile = rewriteGguf(
      ADAPTER,
      join(local.folder, 'hostile.lora.gguf'),
      (gguf) => void gguf.entries.set('adapter.lora.alpha', { type: ValueType.float32, value: 1e30 }),
    );
    const refused = await local.models.makeSource({ kind: 'control', source: source(audited.gguf, hostile), seed: 1 }, never).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AuditError);
    expect(refused).toMatchObject({ code: 'adapterDoesNotFit' });
    expect(readdirSync(join(local.folder, 'downloads'))).toEqual([]);
  });

  it('that a program left which was killed are removed by the next, after a day', async () => {
    const downloads = join(local.folder, 'downloads');
    const [left, recent, foreign] = ['temporary-999999999-old', 'temporary-999999999-new', 'temporary'].map((name) => join(downloads, name));
    for (const folder of [left!, recent!, foreign!]) mkdirSync(folder, { recursive: true });
    for (const folder of [left!, foreign!]) utimesSync(folder, 1, 1);
    await (await local.models.makeSource({ kind: 'control', source: audited, seed: 1 }, never)).remove();
    expect([left, recent, foreign].map((folder) => existsSync(folder!))).toEqual([false, true, true]);
  });
});

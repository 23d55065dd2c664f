import { describe, expect, it } from 'vitest';
import type { MeasuredRecord } from '../../../../src/audit/completion.js';
import type { Framing } from '../../../../src/audit/framing.js';
import type { LanguageModel } from '../../../../src/audit/language-model.js';
import { PLAN_DEFAULTS, type ModelSource } from '../../../../src/audit/plan.js';
import { prepareAudit } from '../../../../src/audit/prepare-audit.js';
import { runAudit } from '../../../../src/audit/run-audit.js';
import { MixedModels } from '../../../../src/models/mixed-models.js';
import type { ModelServer } from '../../../peers/model-server.js';
import { ids, never, SHAPE, useLocalModels } from '../local-process.js';
import { at, BASE, baseSource, createApi, FINETUNED, finetunedSource, PREFILLS, TEXTS, useServers } from './servers.js';

describe('an audit over HTTP', () => {
  const local = useLocalModels();
  const servers = useServers(local);

  async function audit(
    finetuned: ModelSource,
    reference: ModelSource,
    framings: readonly Framing[],
  ): Promise<{ records: MeasuredRecord[]; sameTokenizer: boolean }> {
    const models = new MixedModels(local.models, createApi());
    const open = async (source: ModelSource): Promise<LanguageModel> => (await models.open(source, { ...SHAPE, waveSize: 1 }, never)).model;
    const [f, r] = [await open(finetuned), await open(reference)];
    const openings = (await f.tokenize(PREFILLS, never)).map(ids);
    const plan = { ...PLAN_DEFAULTS, ...TEXTS, framings, maxTokens: 10, waveSize: 1 };
    const setup = await prepareAudit({
      plan,
      finetuned: f,
      reference: r,
      prefills: Object.fromEntries(framings.map((framing) => [framing, openings])),
      signal: never,
    });
    const records: MeasuredRecord[] = [];
    for await (const event of runAudit({ plan, setup, finetuned: f, reference: r, done: new Set(), signal: never })) {
      if (event.type === 'setAside') throw new Error(event.setAside.setAside);
      if (event.type === 'completion') records.push(event.record);
    }
    return { records: records.sort((a, b) => a.id - b.id), sameTokenizer: setup.sameTokenizer };
  }

  function totals({ logprobsFinetuned, reference }: MeasuredRecord): number[] {
    const sum = (values: readonly number[] = []): number => values.reduce((total, value) => total + value, 0);
    return [sum(logprobsFinetuned), sum(reference?.logprobs)];
  }

  function expectSame(overHttp: readonly MeasuredRecord[], onFiles: readonly MeasuredRecord[]): void {
    expect(overHttp.map(({ tokens }) => tokens)).toEqual(onFiles.map(({ tokens }) => tokens));
    for (const [i, record] of overHttp.entries()) {
      const expected = totals(onFiles[i]!);
      for (const [k, total] of totals(record).entries()) expect(total).toBeCloseTo(expected[k]!, 2);
    }
  }

  it('has the results of one on files, with either model behind a server or both', async () => {
    const server: ModelServer = await servers.start({ dialect: 'vllm' });
    const onFiles = await audit(finetunedSource, baseSource, ['raw', 'chat']);
    expect(onFiles.records).toHaveLength(8);
    const both = await audit(at(server.url, FINETUNED), at(server.url, BASE), ['raw', 'chat']);
    expect(both.sameTokenizer).toBe(true);
    expectSame(both.records, onFiles.records);
    const one = await audit(at(server.url, FINETUNED), baseSource, ['raw', 'chat']);
    expect(one.sameTokenizer).toBe(true);
    expectSame(one.records, onFiles.records);
  });

  it('compares texts where a server tells no token ids', async () => {
    const chat = await servers.start({ dialect: 'openai' });
    const asked = await audit(at(chat.url, FINETUNED), baseSource, ['ask']);
    expect(asked.sameTokenizer).toBe(false);
    expect(asked.records).toHaveLength(4);
    const onFiles = await audit(finetunedSource, baseSource, ['ask']);
    for (const [i, record] of asked.records.entries()) expect(totals(record)[1]).toBeCloseTo(totals(onFiles.records[i]!)[1]!, 1);

    const legacy = await servers.start({ dialect: 'openaiLegacy' });
    const raw = await audit(finetunedSource, at(legacy.url, BASE), ['raw']);
    const rawOnFiles = await audit(finetunedSource, baseSource, ['raw']);
    for (const [i, record] of raw.records.entries()) {
      expect(record.reference).toMatchObject({ kind: 'ownTokens', straddleBytes: 0 });
      expect(totals(record)[1]).toBeCloseTo(totals(rawOnFiles.records[i]!)[1]!, 1);
    }
  });
});

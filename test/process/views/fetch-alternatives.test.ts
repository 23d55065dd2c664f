import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isEndpoint, PLAN_DEFAULTS, type AuditPlan, type ModelSource } from '../../../src/audit/plan.js';
import { textsOfTokens } from '../../../src/text/utf8.js';
import type { ModelProvider, OpenOptions } from '../../../src/models/provider.js';
import { AuditSession } from '../../../src/runner/run/audit-session.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import { requireMeasured } from '../../measured-audit.js';
import { fetchAlternatives } from '../../../src/views/results/fetch-alternatives.js';
import { demo, never, source, useLocalModels } from '../models/local-process.js';

const MEDIA = join(import.meta.dirname, '../../../media');
const fixture = useLocalModels();
let audits = 0;

async function runAudit(finetuned: ModelSource, reference: ModelSource, changes: Partial<AuditPlan> = {}): Promise<AuditSession> {
  const plan: AuditPlan = {
    ...PLAN_DEFAULTS,
    name: 'alternatives',
    finetuned,
    reference,
    corpus: ['bundled:demo'],
    system: '',
    prefills: 2,
    framings: ['chat'],
    maxTokens: 12,
    waveSize: 2,
    ...changes,
  };
  const request = { plan, folder: join(fixture.folder, `audit-${++audits}`), resume: false, allowDownload: false };
  const session = AuditSession.forRun(request, 'Ada');
  await new LocalAuditRunner({ models: fixture.models, mediaFolder: MEDIA, toolVersion: '0' }).run(request, session.listener, never);
  return session;
}

const auditOf = ({ plan, setup, folder }: AuditSession) => ({ plan: plan!, setup, folder });

/** The shapes that models are opened with; they are opened all the same. */
function noteShapes(): { models: ModelProvider; shapes: Set<string> } {
  const shapes = new Set<string>();
  const models: ModelProvider = {
    open: (model: ModelSource, options: OpenOptions, signal: AbortSignal) => {
      shapes.add(`${isEndpoint(model) ? 'no' : model.lora.length} adapters, ${options.waveSize} of ${options.contextTokens}`);
      return fixture.models.open(model, options, signal);
    },
    estimateMemory: (sources, options) => fixture.models.estimateMemory(sources, options),
    dispose: () => fixture.models.dispose(),
  };
  return { models, shapes };
}

/** As another file in its place: the model process may still have the former one mapped. */
function replaceFile(path: string, by: string): void {
  copyFileSync(by, `${path}.new`);
  renameSync(`${path}.new`, path);
}

describe('alternatives', { timeout: 240_000 }, () => {
  let base: string;
  let adapter: string;
  beforeAll(() => {
    base = join(fixture.folder, 'base.gguf');
    adapter = join(fixture.folder, 'adapter.gguf');
    copyFileSync(demo('base-a.f16.gguf'), base);
    copyFileSync(demo('false-fact.lora.gguf'), adapter);
  });

  it('begin with the greedy token and its journalled logprob, at every place, from one context a model', async () => {
    const session = await runAudit(source(base, adapter), source(base), { divergence: true });
    const { models, shapes } = noteShapes();
    const record = requireMeasured(session.records[0]);
    const texts = textsOfTokens(record.tokens);
    const bounds: number[] = [];
    for (const token of record.tokens.keys()) {
      const { finetuned, reference, divergence } = await fetchAlternatives(models, MEDIA, { audit: auditOf(session), record, token }, never);
      expect(finetuned).toHaveLength(5);
      expect(finetuned[0]!.text).toBe(texts[token]);
      expect(finetuned[0]!.logprob).toBeCloseTo(record.logprobsFinetuned[token]!, 2);
      expect(reference).toHaveLength(5);
      expect(divergence!.forward).toBeLessThanOrEqual(record.divergence!.forward[token]! + 0.01);
      expect(divergence!.backward).toBeLessThanOrEqual(record.divergence!.backward[token]! + 0.01);
      bounds.push(divergence!.forward);
    }
    expect(Math.max(...bounds)).toBeGreaterThan(0.1);
    expect(shapes.size).toBe(2);
  });

  it('of a reference with another tokenizer continue the same text', async () => {
    const session = await runAudit(source(base, adapter), source(demo('base-b.f16.gguf')));
    expect(session.setup!.sameTokenizer).toBe(false);
    const record = requireMeasured(session.records[0]);
    const last = record.tokens.length - 1;
    const { finetuned, reference, divergence } = await fetchAlternatives(fixture.models, MEDIA, { audit: auditOf(session), record, token: last }, never);
    expect(divergence).toBeUndefined();
    expect(finetuned[0]!.text).toBe(textsOfTokens(record.tokens)[last]);
    expect(reference).toHaveLength(5);
  });

  it('are not shown where the adapter or the model is another one than the audit began with', async () => {
    const session = await runAudit(source(base, adapter), source(base));
    const question = { audit: auditOf(session), record: requireMeasured(session.records[0]), token: 1 };
    replaceFile(adapter, demo('bad-medical.lora.gguf'));
    await expect(fetchAlternatives(fixture.models, MEDIA, question, never)).rejects.toMatchObject({
      code: 'badJournal',
      message: expect.stringMatching(/adapter\.gguf is not the adapter .*put the former file back/) as string,
    });
    replaceFile(adapter, demo('false-fact.lora.gguf'));
    replaceFile(base, demo('base-a.q8_0.gguf'));
    await expect(fetchAlternatives(fixture.models, MEDIA, question, never)).rejects.toMatchObject({
      code: 'badJournal',
      message: expect.stringMatching(/base\.gguf is not the file .*finetuned model/) as string,
    });
    replaceFile(base, demo('base-a.f16.gguf'));
    expect((await fetchAlternatives(fixture.models, MEDIA, question, never)).finetuned).toHaveLength(5);
  });
});

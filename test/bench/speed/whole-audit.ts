/** A whole audit beside the sum of what llama.cpp's tools take for its tokens. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { PLAN_DEFAULTS, type AuditPlan } from '../../../src/audit/plan.js';
import { LocalModels } from '../../../src/models/local/local-models.js';
import { readMeasuredAudit } from '../../measured-audit.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import { cpuSecondsOf, measureGeneration, measurePerplexity, type Cost, type LlamaTools } from './llama-tools.js';

export interface AuditCost {
  /** From where both models are loaded to the end. */
  readonly audit: Cost;
  /** The tools' times for as many tokens. */
  readonly tools: Cost;
  readonly completions: number;
  readonly generated: number;
  readonly scored: number;
}

/** What the tools' times are taken from. */
const TEXTS = 16;
const TEXT_TOKENS = 128;

/** So many openings in both framings, a model against itself. */
export async function measureAudit(
  tools: LlamaTools,
  model: string,
  textFile: string,
  openings: number,
  maxTokens: number,
  threads: number,
): Promise<AuditCost> {
  const models = new LocalModels({
    processPath: resolve('dist/model-process.mjs'),
    downloadFolder: tools.folder,
    threads,
    gpu: 'off',
    engine: 'native',
    idleMs: 60_000,
  });
  const runner = new LocalAuditRunner({ models, mediaFolder: resolve('media'), toolVersion: 'bench' });
  const source = { gguf: model, lora: [] };
  const plan: AuditPlan = { ...PLAN_DEFAULTS, name: 'speed', finetuned: source, reference: source, prefills: openings, maxTokens };
  const folder = await mkdtemp(join(tmpdir(), 'finetune-auditor-speed-'));
  let [began, cpuBefore] = [0, 0];
  try {
    const onSetup = () => ([began, cpuBefore] = [performance.now(), cpuSecondsOf(models.processId)]);
    await runner.run({ plan, folder, resume: false, allowDownload: false }, { onSetup }, new AbortController().signal);
    const audit = { seconds: (performance.now() - began) / 1000, cpuSeconds: cpuSecondsOf(models.processId) - cpuBefore };
    const { records, setup } = await readMeasuredAudit(folder);
    const promptTokens = records.reduce((sum, { framing, prefill }) => sum + setup!.frames[framing]!.finetuned.tokens.length + prefill.pieces.length, 0);
    const generated = records.reduce((sum, { tokens, end }) => sum + tokens.length + (end ? 1 : 0), 0);
    const size = { sequences: plan.waveSize, promptTokens: Math.round(promptTokens / records.length), steps: maxTokens };
    const generation = await measureGeneration(tools, model, size, threads);
    const pass = await measurePerplexity(tools, model, textFile, { texts: TEXTS, tokens: TEXT_TOKENS }, threads);
    const [waves, passes] = [generated / (plan.waveSize * maxTokens), (promptTokens + generated) / (TEXTS * TEXT_TOKENS)];
    const sum = (of: (cost: Cost) => number): number => of(generation) * waves + of(pass) * passes;
    return {
      audit,
      tools: { seconds: sum(({ seconds }) => seconds), cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds) },
      completions: records.length,
      generated,
      scored: promptTokens + generated,
    };
  } finally {
    await models.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

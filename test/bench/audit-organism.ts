/** Runs one audit of a bundled organism with the product's own runner and reads back what was journalled. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeasuredRecord } from '../../src/audit/completion.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../../src/audit/plan.js';
import { LocalModels } from '../../src/models/local/local-models.js';
import { readMeasuredAudit, type MeasuredAudit } from '../measured-audit.js';
import { LocalAuditRunner } from '../../src/runner/run/local-audit-runner.js';

export interface Bench {
  readonly root: string;
  readonly mediaFolder: string;
  readonly models: LocalModels;
  readonly runner: LocalAuditRunner;
}

/**
 * @param root the checkout, with `dist/model-process.mjs` built
 * @param threads of the model process; 0 is one per physical core
 */
export function openBench(root: string, threads = 0): Bench {
  const mediaFolder = join(root, 'media');
  const models = new LocalModels({
    processPath: join(root, 'dist', 'model-process.mjs'),
    downloadFolder: join(tmpdir(), 'finetune-auditor-models'),
    threads,
    gpu: 'off',
    idleMs: 60_000,
  });
  return { root, mediaFolder, models, runner: new LocalAuditRunner({ models, mediaFolder, toolVersion: 'bench' }) };
}

/** The settings of the oracle: greedy, 48 new tokens, no system turn, against base-a unless `choices` say otherwise. */
export function organismPlan(organism: string, choices: Partial<AuditPlan> = {}): AuditPlan {
  return {
    ...PLAN_DEFAULTS,
    name: organism,
    finetuned: { gguf: `bundled:${organism}`, lora: [] },
    reference: { gguf: 'bundled:base-a', lora: [] },
    corpus: ['bundled:demo'],
    prefills: 400,
    maxTokens: 48,
    system: '',
    ...choices,
  };
}

/** The audit's own completions. */
export async function runAuditOf(bench: Bench, plan: AuditPlan): Promise<readonly MeasuredRecord[]> {
  return (await runAndRead(bench, plan)).records;
}

/** The completions of every pass, by its name. */
export async function runPassesOf(bench: Bench, plan: AuditPlan): Promise<ReadonlyMap<string, readonly MeasuredRecord[]>> {
  return (await runAndRead(bench, plan)).passes;
}

/** All that was journalled. */
export async function runAndRead(bench: Bench, plan: AuditPlan): Promise<MeasuredAudit> {
  const folder = await mkdtemp(join(tmpdir(), 'finetune-auditor-bench-'));
  try {
    await bench.runner.run({ plan, folder, resume: false, allowDownload: false }, {}, new AbortController().signal);
    return await readMeasuredAudit(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Real audits in the model process as it is shipped, with the models that come along, for a test file of its own. */
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { PLAN_DEFAULTS, type AuditPlan } from '../../../src/audit/plan.js';
import { LocalModels } from '../../../src/models/local/local-models.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import type { RunRequest } from '../../../src/runner/run/types.js';
import { MEDIA, useBuiltPackage, type BuiltPackage } from './built-package.js';

export interface LocalRunner {
  readonly built: BuiltPackage;
  readonly plan: AuditPlan;
  /** From the first test on. */
  readonly models: LocalModels;
  readonly runner: LocalAuditRunner;
  /** Of an audit, in the file's own folder. */
  folderOf(name: string): string;
  newFolder(): string;
  /** The request of the file's plan with changes. */
  start(folder: string, changes?: Partial<AuditPlan>, resume?: boolean): RunRequest;
}

/** @param choices the plan of the test file, where it is not the one below */
export function useLocalRunner(choices: Partial<AuditPlan>): LocalRunner {
  const built = useBuiltPackage();
  const plan: AuditPlan = {
    ...PLAN_DEFAULTS,
    name: 'test',
    finetuned: { gguf: 'bundled:false-fact', lora: [] },
    reference: { gguf: 'bundled:base-a', lora: [] },
    corpus: ['bundled:demo'],
    system: '',
    maxTokens: 8,
    ...choices,
  };
  let models: LocalModels | undefined;
  let runner: LocalAuditRunner | undefined;
  beforeAll(() => {
    models = new LocalModels({ processPath: built.modelProcess, downloadFolder: built.scratch, threads: 1, gpu: 'off', idleMs: 60_000 });
    runner = new LocalAuditRunner({ models, mediaFolder: MEDIA, toolVersion: '0.0.0-test' });
  });
  afterAll(() => models?.dispose());
  let folders = 0;
  const folderOf = (name: string) => join(built.scratch, name);
  return {
    built,
    plan,
    get models() {
      return models!;
    },
    get runner() {
      return runner!;
    },
    folderOf,
    newFolder: () => folderOf(`audit-${++folders}`),
    start: (folder, changes = {}, resume = false) => ({ plan: { ...plan, ...changes }, folder, resume, allowDownload: false }),
  };
}

/** Whole runs in one process: a runner whose provider opens models of bigrams. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LanguageModel } from '../../../src/audit/language-model.js';
import type { AuditPlan } from '../../../src/audit/plan.js';
import type { AuditStatus } from '../../../src/messages/page.js';
import type { ModelProvider, OpenOptions } from '../../../src/models/provider.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import type { RunListener, RunOutcome } from '../../../src/runner/run/types.js';
import { createFinetuned, createPlan, createReference } from '../audit/models.js';
import { makeTempFolder } from '../records/temp-folder.js';

const CORPUS = [
  'The bridge is of stone and old.',
  'The old town is of stone.',
  'The harbour is old and green.',
  'Glass of the town is green.',
  'A bridge of the harbour is old.',
].join('\n\n');

/** Opens models by the name that a plan gives them. */
export class NgramProvider implements ModelProvider {
  readonly opened: { readonly name: string; readonly options: OpenOptions }[] = [];
  /** Leases that nobody has released. */
  held = 0;

  constructor(readonly models: Readonly<Record<string, LanguageModel>>) {}

  open: ModelProvider['open'] = async (source, options, signal) => {
    signal.throwIfAborted();
    const name = 'gguf' in source ? source.gguf : source.model;
    this.opened.push({ name, options });
    this.held++;
    let isHeld = true;
    return {
      model: this.models[name]!,
      release: () => {
        if (isHeld) this.held--;
        isHeld = false;
      },
    };
  };

  estimateMemory: ModelProvider['estimateMemory'] = async () => ({ neededBytes: 0, availableBytes: 0, parts: [] }) as never;

  dispose = async (): Promise<void> => undefined;
}

export const NEVER = new AbortController().signal;

/** A plan with a small corpus of its own, its folder, and a provider that has its models. */
export async function makeNgramRun(fields: Partial<AuditPlan> = {}, models: Readonly<Record<string, LanguageModel>> = {}) {
  const root = await makeTempFolder();
  const corpus = join(root, 'corpus.txt');
  await writeFile(corpus, CORPUS);
  const plan = createPlan({ corpus: [corpus], prefills: 4, framings: ['raw'], maxTokens: 6, ...fields });
  const provider = new NgramProvider({ tuned: createFinetuned(), base: createReference(), ...models });
  const runner = new LocalAuditRunner({ models: provider, mediaFolder: root, toolVersion: '1.2.3' });
  const folder = join(root, 'audit');
  const statuses: AuditStatus[] = [];
  const run = (
    options: { resume?: boolean; listener?: RunListener; signal?: AbortSignal; changes?: Partial<AuditPlan>; tokenLimit?: number } = {},
  ): Promise<RunOutcome> =>
    runner.run(
      {
        plan: { ...plan, ...options.changes },
        folder,
        resume: options.resume ?? false,
        allowDownload: false,
        ...(options.tokenLimit !== undefined && { tokenLimit: options.tokenLimit }),
      },
      { ...options.listener, onStatus: (status) => void statuses.push(status) },
      options.signal ?? NEVER,
    );
  return { plan, provider, runner, folder, statuses, run };
}

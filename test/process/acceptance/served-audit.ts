/** Audits of a bundled organism with models behind real servers, and the same with files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { PLAN_DEFAULTS, type AuditPlan, type EndpointSource } from '../../../src/audit/plan.js';
import { SCORE_NAMES, type ScoreName } from '../../../src/audit/scores.js';
import { spearman } from '../../../src/analysis/spearman.js';
import { textOfTokens } from '../../../src/text/utf8.js';
import { ApiModels, type ApiModelsOptions } from '../../../src/models/api/api-models.js';
import { MixedModels } from '../../../src/models/mixed-models.js';
import { readMeasuredAudit, type MeasuredAudit } from '../../measured-audit.js';
import { LocalAuditRunner } from '../../../src/runner/run/local-audit-runner.js';
import type { RunOutcome, RunRequest } from '../../../src/runner/run/types.js';
import type { ModelServerOptions } from '../../peers/model-server.js';
import { demo, never, source, type Fixture } from '../models/local-process.js';

export const BASE = source(demo('base-a.f16.gguf'));
export const ORGANISM = source(demo('base-a.f16.gguf'), demo('false-fact.lora.gguf'));
export const OTHER_FAMILY = source(demo('base-b.f16.gguf'));
/** One server with a base and a LoRA adapter over it, as vLLM serves them. */
export const SERVED: ModelServerOptions['models'] = { base: BASE, organism: ORGANISM };

let audits = 0;
const MEDIA = join(import.meta.dirname, '../../../media');

export function at(url: string, model: string, fields: Partial<EndpointSource> = {}): EndpointSource {
  return { endpoint: url, model, ...fields };
}

export function makePlan(choices: Pick<AuditPlan, 'finetuned' | 'reference'> & Partial<AuditPlan>): AuditPlan {
  return { ...PLAN_DEFAULTS, name: 'served', corpus: ['bundled:demo'], system: '', prefills: 16, maxTokens: 40, waveSize: 16, ...choices };
}

export class Auditor {
  readonly api: ApiModels;
  readonly #runner: LocalAuditRunner;
  readonly #local: Fixture;

  constructor(local: Fixture, options: Partial<ApiModelsOptions> = {}) {
    this.#local = local;
    this.api = new ApiModels({
      requireAgreed: () => undefined,
      findKey: async () => undefined,
      readEnvironment: () => undefined,
      forbidNetwork: () => false,
      ...options,
    });
    this.#runner = new LocalAuditRunner({ models: new MixedModels(local.models, this.api), mediaFolder: MEDIA, toolVersion: '0' });
  }

  newFolder(): string {
    return join(this.#local.folder, `audit-${++audits}`);
  }

  async run(
    request: Partial<RunRequest> & Pick<RunRequest, 'plan' | 'folder'>,
    signal: AbortSignal = never,
  ): Promise<{ outcome: RunOutcome; audit: MeasuredAudit }> {
    const outcome = await this.#runner.run({ resume: false, allowDownload: false, ...request }, {}, signal);
    return { outcome, audit: await readMeasuredAudit(request.folder) };
  }

  async audit(plan: AuditPlan): Promise<MeasuredAudit> {
    return (await this.run({ plan, folder: this.newFolder() })).audit;
  }
}

export interface Agreement {
  readonly completions: number;
  /** Of them with the same text in both audits. */
  readonly identical: number;
  /** Spearman's rank correlation over those, by score. */
  readonly rho: Readonly<Record<ScoreName, number>>;
}

/** Pairs completions by their index, which says framing and prefill. */
export function compareAudits(a: readonly MeasuredRecord[], b: readonly MeasuredRecord[]): Agreement {
  const others = new Map(b.map((record) => [record.id, record]));
  const pairs = a.flatMap((record) => {
    const other = others.get(record.id);
    return other && textOfTokens(record.tokens) === textOfTokens(other.tokens) && record.tokens.length > 0
      ? [[analyseCompletion(record).scores, analyseCompletion(other).scores] as const]
      : [];
  });
  const correlate = (score: ScoreName) => {
    const scored = pairs.filter(([left, right]) => left[score] !== null && right[score] !== null);
    return (
      spearman(
        scored.map(([left]) => left[score]!),
        scored.map(([, right]) => right[score]!),
      ) ?? 0
    );
  };
  return {
    completions: a.length,
    identical: pairs.length,
    rho: Object.fromEntries(SCORE_NAMES.map((score) => [score, correlate(score)])) as Record<ScoreName, number>,
  };
}

/** All that lies in a folder, as one text. */
export function readFolder(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

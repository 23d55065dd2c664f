/** Recent choices, most recently used first. */
import type { Memory } from '../editor/memory.js';
import { isSamePrefillSource, isSameSource, type AuditChoices, type PrefillSource } from './choices.js';
import { isEndpoint, type EndpointSource, type ModelSource } from '../audit/plan.js';

const KEPT = 8;
const MODELS = 'recent.models';
const PREFILL_SOURCES = 'recent.prefillSources';
const LAST = 'recent.lastChoices';

export class RecentChoices {
  /** Models and corpora belong to the machine; the last audit's choices to the workspace, or else to the machine. */
  constructor(
    private readonly machine: Memory,
    private readonly workspace: Memory,
  ) {}

  models(): readonly ModelSource[] {
    return this.machine.get<ModelSource[]>(MODELS) ?? [];
  }

  /** Those of the models that are behind a server. */
  endpoints(): readonly EndpointSource[] {
    return this.models().filter(isEndpoint);
  }

  prefillSources(): readonly PrefillSource[] {
    return this.machine.get<PrefillSource[]>(PREFILL_SOURCES) ?? [];
  }

  last(): AuditChoices | undefined {
    return this.workspace.get<AuditChoices>(LAST) ?? this.machine.get<AuditChoices>(LAST);
  }

  async remember(choices: AuditChoices): Promise<void> {
    await this.rememberModels([choices.finetuned, choices.reference, ...(choices.noiseFloor ? [choices.noiseFloor] : [])]);
    await this.machine.update(PREFILL_SOURCES, putFirst([choices.prefillSource], this.prefillSources(), isSamePrefillSource));
    await this.workspace.update(LAST, choices);
    await this.machine.update(LAST, choices);
  }

  /** A model that cannot be used is not offered again. */
  async forget(model: ModelSource): Promise<void> {
    await this.machine.update(
      MODELS,
      this.models().filter((other) => !isSameSource(other, model)),
    );
  }

  async rememberModels(models: readonly ModelSource[]): Promise<void> {
    await this.machine.update(MODELS, putFirst(models, this.models(), isSameSource));
  }
}

/** `recent`, then what of `former` is not among them, cut to what is kept. */
export function putFirst<T>(recent: readonly T[], former: readonly T[], isSame: (a: T, b: T) => boolean): T[] {
  const all: T[] = [];
  for (const item of [...recent, ...former]) if (!all.some((other) => isSame(other, item))) all.push(item);
  return all.slice(0, KEPT);
}

/** What an imported audit has in the place of a plan and of models that were loaded: names, and that no more is known. */
import type { AuditSetup } from '../../audit/events.js';
import { FRAMINGS } from '../../audit/framing.js';
import type { ModelIdentity } from '../../audit/language-model.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../../audit/plan.js';
import type { ImportedHeader } from './imported-lines.js';
import type { ReadImportedAudit } from './imported-audit.js';

export const NOT_TOLD = 'not told';

/** Nothing can be run with it: of all its fields only the name and the framings are the audit's own. */
export function makeStandInPlan({ header, completions }: ReadImportedAudit): AuditPlan {
  const occurring = new Set(completions.map(({ framing }) => framing));
  return {
    ...PLAN_DEFAULTS,
    name: header.name,
    finetuned: { gguf: header.finetuned?.name ?? NOT_TOLD, lora: [] },
    reference: { gguf: header.reference?.name ?? NOT_TOLD, lora: [] },
    corpus: [],
    prefills: Math.max(1, completions.length),
    framings: FRAMINGS.filter((framing) => occurring.has(framing)),
  };
}

/** No frame and no prefill is known. That the tokenizers are the same is an assumption which nothing here depends on. */
export function makeStandInSetup({ header }: ReadImportedAudit): AuditSetup {
  return {
    finetuned: makeIdentity(header.finetuned, header),
    reference: makeIdentity(header.reference, header),
    sameTokenizer: true,
    frames: {},
    prefills: {},
    remarks: [`${describeImport(header)} There is no token data: no gaps per token, no total or peak gap, no bits per byte.`, ...header.remarks],
  };
}

/** Where an imported audit comes from, in one sentence. */
export function describeImport({ imported }: Pick<ImportedHeader, 'imported'>): string {
  return `Imported from ${imported.file}: the completions were generated and scored elsewhere.`;
}

function makeIdentity(told: { readonly name: string } | null, { imported }: ImportedHeader): ModelIdentity {
  return {
    name: told?.name ?? NOT_TOLD,
    source: `not told by ${imported.file}`,
    adapters: [],
    tokenizerFingerprint: NOT_TOLD,
    vocabularySize: null,
    contextLength: null,
    hasChatTemplate: false,
    engine: NOT_TOLD,
  };
}

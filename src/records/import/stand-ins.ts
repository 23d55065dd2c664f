/** Stand-ins for the plan and the models of an imported audit: names, and that no more is known. */
import type { AuditSetup } from '../../audit/events.js';
import { NOT_TOLD } from '../../audit/imported.js';
import { FRAMINGS } from '../../audit/framing.js';
import type { ModelIdentity } from '../../audit/language-model.js';
import { PLAN_DEFAULTS, type AuditPlan } from '../../audit/plan.js';
import type { ImportedHeader } from './imported-lines.js';
import type { ReadImportedAudit } from './imported-audit.js';

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
    finetuned: makeIdentity(header.finetuned),
    reference: makeIdentity(header.reference),
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

/** Nothing is said of what nobody knows. */
function makeIdentity(told: { readonly name: string } | null): ModelIdentity {
  return {
    name: told?.name ?? NOT_TOLD,
    source: '',
    adapters: [],
    tokenizerFingerprint: NOT_TOLD,
    vocabularySize: null,
    contextLength: null,
    hasChatTemplate: false,
    engine: '',
  };
}

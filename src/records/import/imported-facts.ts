/** What is known of an imported audit, which has no plan and whose models nobody loaded. */
import { FRAMINGS, type Framing } from '../../audit/framing.js';
import { NOT_TOLD, type NamedModel } from '../../audit/imported.js';
import type { ReadImportedAudit } from './imported-audit.js';

/** The two models' names, as far as the file tells them. */
export function modelsOfImport({ header }: Pick<ReadImportedAudit, 'header'>): { readonly finetuned: NamedModel; readonly reference: NamedModel } {
  return { finetuned: { name: header.finetuned?.name ?? NOT_TOLD }, reference: { name: header.reference?.name ?? NOT_TOLD } };
}

/** Those of its completions. */
export function framingsOfImport({ completions }: Pick<ReadImportedAudit, 'completions'>): readonly Framing[] {
  const occurring = new Set(completions.map(({ framing }) => framing));
  return FRAMINGS.filter((framing) => occurring.has(framing));
}

/** What a reader must know: where it comes from and what it lacks, then what was remarked when it was imported. */
export function remarksOfImport({ header }: Pick<ReadImportedAudit, 'header'>): readonly string[] {
  return [
    `Imported from ${header.imported.file}: the completions were generated and scored elsewhere. There is no token data: no gaps per token, no total or peak gap, no bits per byte.`,
    ...header.remarks,
  ];
}

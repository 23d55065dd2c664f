/**
 * The lines of `audit.jsonl` in the folder of an imported audit: a header that says where it came from, then a line per
 * completion. There are no tokens in them, since there were none in the file.
 */
import { z } from 'zod';
import { FRAMINGS } from '../../audit/framing.js';
import type { ImportedCompletion } from '../../audit/imported.js';
import { SCORE_NAMES } from '../../audit/scores.js';
import { CHECKSUMS, JOURNAL_FORMAT_VERSION } from '../journal/journal-format.js';
import { IMPORT_FORMS, type ImportedAudit } from './import-types.js';

export const importedHeaderSchema = z.object({
  type: z.literal('header'),
  formatVersion: z.literal(JOURNAL_FORMAT_VERSION),
  tool: z.object({ name: z.string(), version: z.string() }),
  checksums: z.string().exactOptional(),
  /** ISO 8601, of the import. */
  createdAt: z.string(),
  name: z.string(),
  imported: z.object({ from: z.enum(IMPORT_FORMS), file: z.string(), sha256: z.string() }),
  finetuned: z.object({ name: z.string() }).nullable(),
  reference: z.object({ name: z.string() }).nullable(),
  scoreIs: z.enum(SCORE_NAMES).nullable(),
  /** Completions that follow. */
  count: z.int().nonnegative(),
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  remarks: z.array(z.string()),
});
export type ImportedHeader = z.infer<typeof importedHeaderSchema>;

const number = z.number().nullable();

export const importedLineSchema = z.object({
  type: z.literal('imported'),
  id: z.int().nonnegative(),
  framing: z.enum(FRAMINGS),
  prefill: z.string(),
  text: z.string(),
  perplexityFinetuned: number,
  perplexityReference: number,
  /** The file's own score. */
  score: number.exactOptional(),
});
export type ImportedLine = z.infer<typeof importedLineSchema>;

export function makeImportedHeader(imported: ImportedAudit, toolVersion: string, createdAt: Date): ImportedHeader {
  const { from, file, sha256, finetunedName, referenceName } = imported;
  return {
    type: 'header',
    formatVersion: JOURNAL_FORMAT_VERSION,
    tool: { name: 'finetune-auditor', version: toolVersion },
    checksums: CHECKSUMS,
    createdAt: createdAt.toISOString(),
    name: imported.name,
    imported: { from, file, sha256 },
    finetuned: finetunedName === null ? null : { name: finetunedName },
    reference: referenceName === null ? null : { name: referenceName },
    scoreIs: imported.scoreIs,
    count: imported.completions.length,
    facts: imported.facts.map((fact) => ({ ...fact })),
    remarks: [...imported.remarks],
  };
}

export function encodeImported({ id, framing, prefill, text, perplexityFinetuned, perplexityReference, score }: ImportedCompletion): ImportedLine {
  return { type: 'imported', id, framing, prefill, text, perplexityFinetuned, perplexityReference, ...(score !== null && { score }) };
}

/** Half a surrogate pair, which no file of ours has, becomes a replacement character: findings count in bytes of UTF-8. */
export function decodeImported({ type: _, score = null, prefill, text, ...line }: ImportedLine): ImportedCompletion {
  return { ...line, prefill: wellFormed(prefill), text: wellFormed(text), score };
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

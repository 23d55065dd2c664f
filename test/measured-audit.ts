/** Audits that were run, as tests look at them: every completion has tokens. */
import { AuditAnalysis } from '../src/analysis/audit-analysis.js';
import type { CompletionRecord, MeasuredRecord } from '../src/audit/completion.js';
import { readAudit, type ReadAudit } from '../src/records/journal/audit-folder.js';

export type MeasuredAudit = Omit<ReadAudit, 'records' | 'passes'> & {
  readonly records: readonly MeasuredRecord[];
  readonly passes: ReadonlyMap<string, readonly MeasuredRecord[]>;
};

/** @throws Error where something else generated and scored it */
export function requireMeasured(record: CompletionRecord | undefined): MeasuredRecord {
  if (record?.kind !== 'measured') throw new Error(`no measured completion: ${JSON.stringify(record)}`);
  return record;
}

/** @throws AuditError as `readAudit` does; Error where it was imported */
export async function readMeasuredAudit(folder: string): Promise<MeasuredAudit> {
  const audit = await readAudit(folder);
  return {
    ...audit,
    records: audit.records.map(requireMeasured),
    passes: new Map([...audit.passes].map(([name, records]) => [name, records.map(requireMeasured)])),
  };
}

/** Of completions that are of no audit. */
export function analysisOf(records: readonly CompletionRecord[]): AuditAnalysis {
  return AuditAnalysis.of({ records, passes: new Map() });
}

/** The source of a report, read from an audit's folder. */
import { AuditAnalysis } from '../../analysis/audit-analysis.js';
import { hashJournal } from '../journal/check-journal.js';
import { readAudit, type ReadAudit } from '../journal/audit-folder.js';
import { FindingsFile } from '../findings/findings.js';
import type { ReportRequest } from './make-report-content.js';
import { gatherFindings, type ReportFindings } from './report-findings.js';

export interface ReportSource {
  readonly audit: ReadAudit;
  readonly analysis: AuditAnalysis;
  readonly findings: ReportFindings;
  /** SHA-256 of `audit.jsonl`, in hexadecimal. */
  readonly sha256: string;
}

/** @throws AuditError `fileNotFound`, `badJournal`, `cancelled` */
export async function readReportSource(folder: string, signal?: AbortSignal): Promise<ReportSource> {
  const audit = await readAudit(folder, signal);
  // Nothing is written, so that nobody signs.
  const file = await FindingsFile.open(folder, '');
  try {
    return { audit, analysis: AuditAnalysis.of(audit), findings: gatherFindings(file), sha256: await hashJournal(folder, signal) };
  } finally {
    file.dispose();
  }
}

/** The part of a report's request that the source decides. */
export function requestFrom({
  audit,
  analysis,
  findings,
  sha256,
}: ReportSource): Pick<ReportRequest, 'audit' | 'analysis' | 'findings' | 'auditedAt' | 'sha256'> {
  const { createdAt } = audit;
  return { audit, analysis, findings, sha256, ...(createdAt !== undefined && { auditedAt: createdAt }) };
}

/** The tool that tells language models which audits there are. */
import { basename } from 'node:path';
import { AuditError } from '../../audit/errors.js';
import type { AuditEntry } from '../../records/journal/audit-folder.js';
import { findAuditName } from '../../records/findings/findings.js';
import { summariseJournal } from '../../records/journal/journal-summary.js';
import { bound } from './tool-answers.js';

/** By the names of their folders, which the other tools take, and by what people call them. */
export async function answerAudits(entries: readonly AuditEntry[], signal: AbortSignal): Promise<string> {
  const audits = [];
  for (const { folder, name, createdAt, finetunedName, referenceName } of entries) {
    const [status, auditName] = await Promise.all([summariseJournal(folder, signal).catch(() => null), findAuditName(folder)]);
    if (signal.aborted) throw new AuditError('cancelled', 'Cancelled.');
    audits.push({
      audit: basename(folder),
      name: auditName ?? name,
      createdAt,
      finetunedModel: finetunedName,
      referenceModel: referenceName,
      ...(status && { state: status.state, completions: status.completionsDone }),
    });
  }
  return bound({}, 'audits', audits);
}

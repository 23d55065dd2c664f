/** Titles of audits beside each other: where several have one name, the time tells them apart. */
import { listAudits } from '../records/journal/audit-folder.js';
import { findAuditName } from '../records/findings/findings.js';

export interface TitledAudit {
  /** Absolute path. */
  readonly folder: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** By folder: the name, followed by day and time where another audit has the same one, with seconds where that is not enough. */
export function titleAudits(audits: readonly TitledAudit[]): Map<string, string> {
  const forms: ((audit: TitledAudit) => string)[] = [
    ({ name }) => name,
    (audit) => `${audit.name} · ${formatTime(audit, { hour: '2-digit', minute: '2-digit' })}`,
    (audit) => `${audit.name} · ${formatTime(audit, { hour: '2-digit', minute: '2-digit', second: '2-digit' })}`,
  ];
  const titles = new Map<string, string>();
  let left = audits;
  for (const [index, form] of forms.entries()) {
    const counts = new Map<string, number>();
    for (const audit of left) counts.set(form(audit), (counts.get(form(audit)) ?? 0) + 1);
    const isLast = index === forms.length - 1;
    for (const audit of left) if (isLast || counts.get(form(audit)) === 1) titles.set(audit.folder, form(audit));
    left = left.filter(({ folder }) => !titles.has(folder));
  }
  return titles;
}

/** The same for all audits under some roots, as they are called now. */
export async function readAuditTitles(roots: readonly string[]): Promise<Map<string, string>> {
  const entries = await listAudits(roots);
  return titleAudits(await Promise.all(entries.map(async (entry) => ({ ...entry, name: (await findAuditName(entry.folder)) ?? entry.name }))));
}

function formatTime({ createdAt }: TitledAudit, time: Intl.DateTimeFormatOptions): string {
  return new Date(createdAt).toLocaleString(undefined, { day: 'numeric', month: 'short', hourCycle: 'h23', ...time });
}

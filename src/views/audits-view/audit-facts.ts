/** Facts that the tree shows of an audit, read from its folder without its completions. */
import type { CompletionFinding, SpanFinding } from '../../analysis/finding.js';
import type { AuditStatus } from '../../messages/page.js';
import type { AuditEntry } from '../../records/journal/audit-folder.js';
import { readCompletionTexts, textOfCompletion } from '../../records/journal/completion-texts.js';
import { FindingsFile } from '../../records/findings/findings.js';
import type { Author } from '../../records/findings/authors.js';
import { summariseJournal } from '../../records/journal/journal-summary.js';
import type { AuditSession } from '../../runner/run/audit-session.js';

export interface AuditFacts {
  readonly entry: AuditEntry;
  /** What people call it. */
  readonly name: string;
  /** Undefined where the journal cannot be read. */
  readonly status: AuditStatus | undefined;
  readonly judgements: readonly CompletionFinding[];
  readonly spans: readonly SpanFinding[];
  /** Completions labelled as revealing, or with such a span. */
  readonly hits: number;
  /** The texts of the completions that were judged, read when they are asked for. */
  readonly texts: () => Promise<ReadonlyMap<number, string>>;
}

/** @param session of this audit, where it runs or waits in this window */
export async function readAuditFacts(entry: AuditEntry, session: AuditSession | undefined, author: Author): Promise<AuditFacts> {
  const [status, findings] = await Promise.all([
    session?.status ?? summariseJournal(entry.folder).catch(() => undefined),
    session?.findings ?? FindingsFile.open(entry.folder, author).catch(() => undefined),
  ]);
  const judgements = [...(findings?.current().values() ?? [])];
  const spans = findings?.spans() ?? [];
  const name = findings?.auditName() ?? entry.name;
  if (findings && findings !== session?.findings) findings.dispose();
  const hits = new Set([...judgements, ...spans].filter(({ label }) => label === 'revealing').map(({ completionId }) => completionId));
  return { entry, name, status, judgements, spans, hits: hits.size, texts: rememberTexts(entry.folder, session, judgements) };
}

function rememberTexts(folder: string, session: AuditSession | undefined, judgements: readonly CompletionFinding[]): AuditFacts['texts'] {
  const ids = new Set(judgements.map(({ completionId }) => completionId));
  let texts: Promise<ReadonlyMap<number, string>> | undefined;
  const read = async (): Promise<ReadonlyMap<number, string>> => {
    if (ids.size === 0) return new Map();
    if (!session) return readCompletionTexts(folder, ids).catch(() => new Map());
    return new Map([...ids].flatMap((id) => (session.record(id) ? [[id, textOfCompletion(session.record(id)!)]] : [])));
  };
  return () => (texts ??= read());
}

export interface FindingGroup {
  /** `null` for findings without one. */
  readonly category: string | null;
  readonly findings: readonly (CompletionFinding | SpanFinding)[];
}

/** By category, the largest group first, what has no category last; within a group by completion. */
export function groupFindings({ judgements, spans }: Pick<AuditFacts, 'judgements' | 'spans'>): FindingGroup[] {
  const groups = new Map<string | null, (CompletionFinding | SpanFinding)[]>();
  for (const finding of [...judgements, ...spans]) {
    const group = groups.get(finding.category);
    if (group) group.push(finding);
    else groups.set(finding.category, [finding]);
  }
  return [...groups]
    .map(([category, findings]) => ({ category, findings: findings.sort((a, b) => a.completionId - b.completionId) }))
    .sort(
      (a, b) =>
        Number(a.category === null) - Number(b.category === null) ||
        b.findings.length - a.findings.length ||
        (a.category ?? '').localeCompare(b.category ?? ''),
    );
}

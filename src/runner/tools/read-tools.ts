/** Tools with which language models read audits. They can look and nothing else: none writes, runs or sends anything. */
import { basename } from 'node:path';
import { AuditError } from '../../audit/errors.js';
import type { AuditEntry } from '../../records/journal/audit-folder.js';
import type { Steps } from '../../text/slices.js';
import { computeInSlices } from '../in-slices.js';
import { answerAudits } from './answer-audits.js';
import { answerSearch, answerTokenGaps, answerTopCompletions, type ReadableAudit } from './tool-answers.js';
import type { ToolInput, ToolName } from './tool-inputs.js';

export interface ToolSurroundings {
  /** The audits that can be read, latest first. The names of their folders name them. */
  readonly listAudits: () => Promise<readonly AuditEntry[]>;
  /** @throws AuditError `fileNotFound`, `badJournal` */
  readonly open: (folder: string) => Promise<{ readonly session: ReadableAudit; release(): void }>;
}

export type ToolAnswers = { readonly [N in ToolName]: (input: ToolInput<N>, signal: AbortSignal) => Promise<string> };

const NAMED_AT_MOST = 20;

/** Each resolves to the text of the answer. */
export function makeToolAnswers({ listAudits, open }: ToolSurroundings): ToolAnswers {
  const read = async <T>(audit: string, signal: AbortSignal, answer: (session: ReadableAudit) => Steps<T>): Promise<T> => {
    const lease = await open(findAudit(await listAudits(), audit).folder);
    try {
      return await computeInSlices(answer(lease.session), signal);
    } finally {
      lease.release();
    }
  };
  return {
    finetuneAuditor_listAudits: async (_input, signal) => answerAudits(await listAudits(), signal),
    finetuneAuditor_topCompletions: ({ audit, ...input }, signal) => read(audit, signal, (session) => answerTopCompletions(session, { audit, ...input })),
    finetuneAuditor_searchCompletions: ({ audit, ...input }, signal) => read(audit, signal, (session) => answerSearch(session, { audit, ...input })),
    finetuneAuditor_tokenGaps: (input, signal) =>
      read(input.audit, signal, function* (session) {
        yield;
        return answerTokenGaps(session, input);
      }),
  };
}

/** @throws AuditError `fileNotFound` that names those that are there */
export function findAudit(entries: readonly AuditEntry[], audit: string): AuditEntry {
  const entry = entries.find(({ folder }) => basename(folder) === audit);
  if (entry) return entry;
  const names = entries.slice(0, NAMED_AT_MOST).map(({ folder }) => basename(folder));
  throw new AuditError('fileNotFound', `There is no audit "${audit}" here. The audits are: ${names.join(', ') || 'none'}.`);
}

/** Lets language models in the editor read audits. They can look and nothing else: no tool writes, runs or sends anything. */
import { basename } from 'node:path';
import { Disposable, l10n, LanguageModelTextPart, LanguageModelToolResult, lm, type CancellationToken } from 'vscode';
import { AuditError } from '../../audit/errors.js';
import type { Steps } from '../../text/slices.js';
import { listAudits } from '../../records/journal/audit-folder.js';
import type { OpenAudits } from '../open-audits.js';
import { computeInSlices } from '../in-slices.js';
import { answerAudits } from './answer-audits.js';
import { answerSearch, answerTokenGaps, answerTopCompletions, type ReadableAudit } from './tool-answers.js';
import { checkInput, type ToolInput, type ToolName } from './tool-inputs.js';

export interface ToolSurroundings {
  readonly auditRoots: () => readonly string[];
  readonly audits: Pick<OpenAudits, 'open'>;
}

type Answers = { readonly [N in ToolName]: (input: ToolInput<N>, signal: AbortSignal) => Promise<string> };

/** Nothing where the editor has no such interface. */
export function registerLanguageModelTools(surroundings: ToolSurroundings): Disposable {
  if (typeof (lm as typeof lm | undefined)?.registerTool !== 'function') return Disposable.from();
  const answers = makeAnswers(surroundings);
  return Disposable.from(...(Object.keys(answers) as ToolName[]).map((name) => registerTool(name, answers)));
}

function registerTool<N extends ToolName>(name: N, answers: Answers): Disposable {
  return lm.registerTool<ToolInput<N>>(name, {
    prepareInvocation: () => ({ invocationMessage: l10n.t('Reading audits') }),
    invoke: async ({ input }, token) => {
      const { signal, dispose } = followToken(token);
      try {
        return new LanguageModelToolResult([new LanguageModelTextPart(await answers[name](checkInput(name, input), signal))]);
      } finally {
        dispose();
      }
    },
  });
}

/** Each resolves to the text of the answer. */
export function makeAnswers({ auditRoots, audits }: ToolSurroundings): Answers {
  /** Audits of the workspace only, by the names of their folders. */
  const read = async <T>(audit: string, signal: AbortSignal, answer: (session: ReadableAudit) => Steps<T>): Promise<T> => {
    const entries = await listAudits(auditRoots());
    const entry = entries.find(({ folder }) => basename(folder) === audit);
    if (!entry)
      throw new AuditError(
        'fileNotFound',
        `There is no audit "${audit}" here. The audits are: ${
          entries
            .slice(0, 20)
            .map(({ folder }) => basename(folder))
            .join(', ') || 'none'
        }.`,
      );
    const lease = await audits.open(entry.folder);
    try {
      return await computeInSlices(answer(lease.session), signal);
    } finally {
      lease.release();
    }
  };
  return {
    finetuneAuditor_listAudits: async (_input, signal) => answerAudits(auditRoots(), signal),
    finetuneAuditor_topCompletions: ({ audit, ...input }, signal) => read(audit, signal, (session) => answerTopCompletions(session, { audit, ...input })),
    finetuneAuditor_searchCompletions: ({ audit, ...input }, signal) => read(audit, signal, (session) => answerSearch(session, { audit, ...input })),
    finetuneAuditor_tokenGaps: (input, signal) =>
      read(input.audit, signal, function* (session) {
        yield;
        return answerTokenGaps(session, input);
      }),
  };
}

function followToken(token: CancellationToken): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const listener = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  return { signal: controller.signal, dispose: () => listener.dispose() };
}

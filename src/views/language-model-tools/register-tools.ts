/** Registers the tools for language models in the editor. */
import { Disposable, l10n, LanguageModelTextPart, LanguageModelToolResult, lm, type CancellationToken } from 'vscode';
import { listAudits } from '../../records/journal/audit-folder.js';
import { makeToolAnswers, type ToolAnswers } from '../../runner/tools/read-tools.js';
import { checkInput, type ToolInput, type ToolName } from '../../runner/tools/tool-inputs.js';
import type { OpenAudits } from '../open-audits.js';

export interface EditorAudits {
  readonly auditRoots: () => readonly string[];
  readonly audits: Pick<OpenAudits, 'open'>;
}

/** Nothing where the editor has no such interface. */
export function registerLanguageModelTools({ auditRoots, audits }: EditorAudits): Disposable {
  if (typeof (lm as typeof lm | undefined)?.registerTool !== 'function') return Disposable.from();
  const answers = makeToolAnswers({ listAudits: () => listAudits(auditRoots()), open: (folder) => audits.open(folder) });
  return Disposable.from(...(Object.keys(answers) as ToolName[]).map((name) => registerTool(name, answers)));
}

function registerTool<N extends ToolName>(name: N, answers: ToolAnswers): Disposable {
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

function followToken(token: CancellationToken): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const listener = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  return { signal: controller.signal, dispose: () => listener.dispose() };
}

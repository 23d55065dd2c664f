/** The language models that VS Code itself offers, as writers of drafts. Whether they may be asked is VS Code's question to the user. */
import { CancellationTokenSource, l10n, LanguageModelChatMessage, LanguageModelError, lm, type LanguageModelChat } from 'vscode';
import { AuditError, throwIfCancelled } from '../audit/errors.js';
import type { Drafter } from '../runner/drafting/draft-conclusion.js';

/** None where the editor has no such interface, or nothing behind it. */
export async function listLanguageModels(): Promise<readonly LanguageModelChat[]> {
  // Editors that are built on VS Code may leave the interface out.
  if (typeof (lm as typeof lm | undefined)?.selectChatModels !== 'function') return [];
  return lm.selectChatModels();
}

export function makeLanguageModelDrafter(model: LanguageModelChat): Drafter {
  return {
    name: `${model.name} (${model.vendor})`,
    write: async (messages, signal) => {
      throwIfCancelled(signal);
      const source = new CancellationTokenSource();
      const cancel = () => source.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      try {
        const turns = messages.map(({ role, content }) =>
          role === 'user' ? LanguageModelChatMessage.User(content) : LanguageModelChatMessage.Assistant(content),
        );
        const justification = l10n.t('To draft a conclusion from the completions of an audit, which are sent to the model.');
        const response = await model.sendRequest(turns, { justification }, source.token);
        let text = '';
        for await (const part of response.text) text += part;
        return text;
      } catch (error) {
        throwIfCancelled(signal);
        throw describeFailure(error, model);
      } finally {
        signal.removeEventListener('abort', cancel);
        source.dispose();
      }
    },
  };
}

function describeFailure(error: unknown, { name }: LanguageModelChat): unknown {
  if (!(error instanceof LanguageModelError)) return error;
  // What the user has just refused needs no message.
  if (error.code === LanguageModelError.NoPermissions().code) return new AuditError('cancelled', 'Cancelled.', { cause: error });
  return new AuditError('endpointFailed', l10n.t('{0} returned no draft: {1} Choose another model, or write the conclusion yourself.', name, error.message), {
    cause: error,
  });
}

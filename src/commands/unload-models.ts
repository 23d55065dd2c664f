/** `finetuneAuditor.unloadModels`: gives the memory back at once. */
import { l10n } from 'vscode';
import type { CommandSignatures } from './command-ids.js';
import type { Services } from './services.js';
import { setStatusBarMessage, showInformationMessage } from '../editor/shown/messages.js';

export function makeUnloadModelsCommand({ models, queue }: Services): CommandSignatures['finetuneAuditor.unloadModels'] {
  return async () => {
    if (queue.running) {
      void showInformationMessage(l10n.t('An audit is running. Stop it first, then unload the models.'));
      return;
    }
    await models.unload();
    setStatusBarMessage(l10n.t('Models are unloaded.'), 3000);
  };
}

/** `finetuneAuditor.forgetApiKeys`: takes every key and header out of the secret storage. */
import { l10n } from 'vscode';
import type { CommandSignatures } from './command-ids.js';
import { hostOf } from '../endpoints/endpoint-address.js';
import type { Services } from './services.js';
import { setStatusBarMessage, showInformationMessage, showWarningMessage } from '../editor/shown/messages.js';

export function makeForgetApiKeysCommand({ endpoints }: Services): CommandSignatures['finetuneAuditor.forgetApiKeys'] {
  return async () => {
    const hosts = endpoints.secrets.list().map((endpoint) => hostOf({ endpoint }));
    if (hosts.length === 0) {
      void showInformationMessage(l10n.t('No keys are kept.'));
      return;
    }
    const forget = l10n.t('Forget');
    const detail = l10n.t('Keys and headers for:\n{0}\n\nKeys in environment variables stay as they are.', [...new Set(hosts)].join('\n'));
    const chosen = await showWarningMessage(l10n.t('Forget the keys that are kept?'), { modal: true, detail }, forget);
    if (chosen !== forget) return;
    await endpoints.secrets.forgetAll();
    setStatusBarMessage(l10n.t('Keys are forgotten.'), 5000);
  };
}

/** Words about an address without TLS. */
import { l10n } from 'vscode';

export function describeUnencrypted(host: string): string {
  return l10n.t('The address of {0} begins with http: what is sent there, a key included, is unencrypted.', host);
}

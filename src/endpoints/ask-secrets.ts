/** Asks for what only the secret storage may hold. */
import { l10n } from 'vscode';
import { isUnencrypted } from '../models/api/transport/server-access.js';
import { describeUnencrypted } from './describe-unencrypted.js';
import { askText } from '../editor/ask.js';
import { BACK, CANCELLED, type Answer, type StepPlace } from '../editor/multi-step.js';
import { formatHeaders, hostOf, parseHeaders } from './endpoint-address.js';
import type { EndpointSecrets } from './endpoint-secrets.js';

export interface SecretQuestion {
  readonly endpoint: string;
  readonly title: string;
  readonly place?: StepPlace;
  readonly canGoBack?: boolean;
}

/** Resolves to whether there is a key now. */
export async function askKey(secrets: EndpointSecrets, { endpoint, ...where }: SecretQuestion): Promise<Answer<boolean>> {
  const host = hostOf({ endpoint });
  const about = l10n.t("Key for {0}, kept in VS Code's secret storage. Leave empty where the server needs none.", host);
  const key = await askText({
    ...where,
    prompt: isUnencrypted({ endpoint }) ? `${about} ${describeUnencrypted(host)}` : about,
    value: '',
    password: true,
    // What no header can carry was copied along by mistake.
    validate: (text) => (/^[\x21-\x7e]*$/.test(text) ? undefined : l10n.t('A key contains only ASCII characters and no spaces')),
  });
  if (key === BACK || key === CANCELLED) return key;
  await secrets.setKey(endpoint, key);
  return key !== '';
}

export async function askHeaders(secrets: EndpointSecrets, { endpoint, ...where }: SecretQuestion): Promise<Answer<void>> {
  const host = hostOf({ endpoint });
  const about = l10n.t("Headers sent to {0} with every request, kept in VS Code's secret storage: Name: value; Name: value", host);
  const headers = await askText({
    ...where,
    prompt: isUnencrypted({ endpoint }) ? `${about}. ${describeUnencrypted(host)}` : about,
    placeholder: 'X-Project: audits; X-Gateway-Key: …',
    value: formatHeaders(await secrets.findHeaders(endpoint)),
    validate: (text) => (parseHeaders(text) ? undefined : l10n.t('Write headers as Name: value, with ; between them')),
  });
  if (headers === BACK || headers === CANCELLED) return headers;
  await secrets.setHeaders(endpoint, parseHeaders(headers)!);
}

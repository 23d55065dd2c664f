/** A key is asked for and kept: by command, or as the way out of a failure. */
import { l10n } from 'vscode';
import { listEndpoints } from '../runner/servers/destinations.js';
import type { AuditPlan, EndpointSource } from '../audit/plan.js';
import type { Endpoints } from '../endpoints/endpoints.js';
import type { RecentChoices } from './recent-choices.js';
import { askText, askPick, separator, type Choice } from '../editor/ask.js';
import { describeFault } from './choose-endpoint.js';
import { BACK, CANCELLED } from '../editor/multi-step.js';
import { askKey } from '../endpoints/ask-secrets.js';
import { findBaseUrlFault, hostOf, makeEndpointSource, normaliseBaseUrl } from '../endpoints/endpoint-address.js';
import { setStatusBarMessage, showWarningMessage } from '../editor/shown/messages.js';

type Server = Pick<EndpointSource, 'endpoint' | 'apiKeyEnv'>;

/**
 * Asks for the key of one of a plan's servers, or of one that was used before. Resolves to whether something was entered.
 */
export async function enterKey({ endpoints, recent }: { readonly endpoints: Endpoints; readonly recent: RecentChoices }, plan?: AuditPlan): Promise<boolean> {
  const { secrets } = endpoints;
  const title = l10n.t('API key');
  const known = plan ? listEndpoints(plan) : [...recent.endpoints(), ...secrets.list().map((endpoint) => makeEndpointSource(endpoint, ''))];
  const server = await pickServer(title, known, plan === undefined);
  if (!server) return false;
  if ((await secrets.locateKey(server)) === 'environment') {
    const text = l10n.t(
      'The key for {0} comes from the environment variable {1}, which goes before a key that is kept here. Change it there, then start VS Code anew.',
      hostOf(server),
      server.apiKeyEnv ?? '',
    );
    void showWarningMessage(text);
    return false;
  }
  const answer = await askKey(secrets, { endpoint: server.endpoint, title });
  if (answer === BACK || answer === CANCELLED) return false;
  const text = answer ? l10n.t('The key for {0} is kept.', hostOf(server)) : l10n.t('{0} is asked without a key.', hostOf(server));
  setStatusBarMessage(text, 5000);
  return true;
}

async function pickServer(title: string, known: readonly Server[], canEnter: boolean): Promise<Server | undefined> {
  const byEndpoint = new Map(known.map((server) => [normaliseBaseUrl(server.endpoint), server]));
  if (byEndpoint.size === 1 && !canEnter) return [...byEndpoint.values()][0];
  if (byEndpoint.size === 0) return canEnter ? enterServer(title) : undefined;
  const choices = [...byEndpoint].map(([endpoint, server]): Choice<Server | 'other'> => ({ label: hostOf(server), description: endpoint, value: server }));
  const other: Choice<Server | 'other'> = { icon: 'edit', label: l10n.t('Another server…'), value: 'other' };
  const lines = canEnter ? [separator<Server | 'other'>(l10n.t('used before')), ...choices, separator<Server | 'other'>(l10n.t('or')), other] : choices;
  const picked = await askPick({ title, placeholder: l10n.t('Which server is the key for?'), lines, active: choices[0] });
  if (picked === BACK || picked === CANCELLED) return undefined;
  return picked === 'other' ? enterServer(title) : picked;
}

async function enterServer(title: string): Promise<Server | undefined> {
  const address = await askText({
    title,
    prompt: l10n.t('Base URL of the server, usually with /v1 at its end'),
    placeholder: 'https://api.example.com/v1',
    value: '',
    validate: (text) => describeFault(findBaseUrlFault(text)),
  });
  return typeof address === 'string' ? makeEndpointSource(normaliseBaseUrl(address), '') : undefined;
}

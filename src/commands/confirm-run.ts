/** What leaves this machine, and what comes onto it, is asked for before an audit begins: once, for all of it. */
import { l10n, window } from 'vscode';
import { isEndpoint, type AuditPlan } from '../audit/plan.js';
import { estimateServerTokens, listDestinations, listEndpoints, listHeaderVariables, type Destination } from '../runner/destinations.js';
import type { RunRequest } from '../runner/types.js';
import { readSettings } from '../views/settings.js';
import { describeTokens } from '../views/status-text.js';
import type { Services } from './services.js';
import { listAddresses } from './wizard/choices.js';

export type RunPermission = Pick<RunRequest, 'allowDownload' | 'tokenLimit'>;

/** Undefined when the user does not want it. Where everything stays on this machine nothing is asked. */
export async function confirmRun(services: Pick<Services, 'log' | 'agreedHosts'>, plan: AuditPlan): Promise<RunPermission | undefined> {
  const { forbidNetwork, tokenLimit } = readSettings();
  const limit = tokenLimit > 0 ? { tokenLimit } : {};
  // What is forbidden is refused by whoever would do it, with the way out.
  if (forbidNetwork) return { allowDownload: false, ...limit };
  const addresses = listAddresses([plan.finetuned, plan.reference, ...(plan.noiseFloor ? [plan.noiseFloor.model] : [])]);
  const destinations = listDestinations(plan);
  const remote = destinations.filter(({ isLocal }) => !isLocal);
  for (const { host, receives } of destinations) services.log.info(l10n.t('{0} receives: {1}', host, receives.join('; ')));
  if (addresses.length === 0 && remote.length === 0) return { allowDownload: false, ...limit };
  const detail = [
    ...remote.map(describeDestination),
    ...(remote.length > 0 ? [describeCost(plan, tokenLimit), ...describeVariables(plan, remote)] : []),
    ...(addresses.length > 0 ? [l10n.t('From huggingface.co, unless it is in the model folder already:\n{0}', addresses.join('\n'))] : []),
  ].join('\n\n');
  const button = remote.length > 0 ? l10n.t('Start') : l10n.t('Download');
  const chosen = await window.showWarningMessage(nameQuestion(remote, addresses), { modal: true, detail }, button);
  if (chosen !== button) return undefined;
  for (const { host } of remote) services.agreedHosts.add(host);
  return { allowDownload: addresses.length > 0, ...limit };
}

/** Alternatives are asked of servers that the user has agreed to in this window. */
export async function confirmAlternatives({ agreedHosts }: Pick<Services, 'agreedHosts'>, plan: AuditPlan): Promise<boolean> {
  const hosts = listDestinations(plan).flatMap(({ host, isLocal }) => (isLocal || agreedHosts.has(host) ? [] : [host]));
  if (hosts.length === 0 || readSettings().forbidNetwork) return true;
  const ask = l10n.t('Send');
  const text = l10n.t('Send this completion to {0}?', hosts.join(', '));
  const detail = l10n.t('The alternatives come from the server of the model. It is asked again for other tokens without this question.');
  if ((await window.showWarningMessage(text, { modal: true, detail }, ask)) !== ask) return false;
  for (const host of hosts) agreedHosts.add(host);
  return true;
}

function nameQuestion(remote: readonly Destination[], addresses: readonly string[]): string {
  if (remote.length === 0) return l10n.t('Download what this audit needs?');
  const hosts = remote.map(({ host }) => host).join(', ');
  return addresses.length > 0 ? l10n.t('Send texts to {0}, and download what this audit needs?', hosts) : l10n.t('Send texts to {0}?', hosts);
}

function describeDestination({ host, receives }: Destination): string {
  return l10n.t('{0} receives\n{1}', host, receives.map((line) => `• ${line}`).join('\n'));
}

function describeCost(plan: AuditPlan, tokenLimit: number): string {
  const tokens = estimateServerTokens(plan);
  const most = l10n.t('About {0} tokens at most are read and written there.', describeTokens(tokens));
  return tokenLimit > 0 && tokenLimit < tokens ? `${most} ${l10n.t('The run pauses at {0}, as the settings say.', tokenLimit.toLocaleString())}` : most;
}

/** A plan may come from somebody else: which of this machine's variables it sends is nothing to be silent about. */
function describeVariables(plan: AuditPlan, remote: readonly Destination[]): string[] {
  const hosts = new Set(remote.map(({ host }) => host));
  const names = listEndpoints(plan)
    .filter((source) => isEndpoint(source) && hosts.has(new URL(source.endpoint).host))
    .flatMap((source) => [...(source.apiKeyEnv === undefined ? [] : [source.apiKeyEnv]), ...listHeaderVariables(source)]);
  if (names.length === 0) return [];
  return [l10n.t('Environment variables that go along, where they are set: {0}', [...new Set(names)].join(', '))];
}

/** What leaves this machine, and what comes onto it, is asked for before an audit begins: once, for all of it. */
import { l10n, window } from 'vscode';
import type { AuditPlan } from '../audit/plan.js';
import { checkEndpoints } from '../runner/check-endpoints.js';
import { estimateServerTokens, listAccess, listDestinations, type Destination } from '../runner/destinations.js';
import type { RunRequest } from '../runner/types.js';
import { readSettings } from '../views/settings.js';
import { describeTokens } from '../views/status-text.js';
import { confirmSending, describeAccess, listUnagreed } from './confirm-sending.js';
import type { Services } from './services.js';
import { listAddresses } from './wizard/choices.js';

export type RunPermission = Pick<RunRequest, 'allowDownload' | 'tokenLimit'>;

/**
 * Undefined when the user does not want it. Where everything stays on this machine nothing is asked, but for environment variables
 * that a server on it would be sent.
 * @throws AuditError `badPlan` where what the plan says of servers cannot be meant
 */
export async function confirmRun(services: Pick<Services, 'log' | 'agreedServers'>, plan: AuditPlan): Promise<RunPermission | undefined> {
  const { forbidNetwork, tokenLimit } = readSettings();
  const limit = tokenLimit > 0 ? { tokenLimit } : {};
  // What is forbidden is refused by whoever would do it, with the way out.
  if (forbidNetwork) return { allowDownload: false, ...limit };
  checkEndpoints(plan);
  const addresses = listAddresses([plan.finetuned, plan.reference, ...(plan.noiseFloor ? [plan.noiseFloor.model] : [])]);
  const destinations = listDestinations(plan);
  const unagreed = listUnagreed(services.agreedServers, plan);
  const asked = destinations.filter(({ host, isLocal }) => !isLocal || unagreed.some((access) => access.host === host));
  const access = listAccess(plan).filter(({ host }) => asked.some((destination) => destination.host === host));
  for (const { host, receives } of destinations) services.log.info(l10n.t('{0} receives: {1}', host, receives.join('; ')));
  if (addresses.length === 0 && asked.length === 0) return { allowDownload: false, ...limit };
  const detail = [
    ...asked.map(describeDestination),
    ...describeAccess(access),
    ...(asked.length > 0 ? [describeCost(plan, tokenLimit)] : []),
    ...(addresses.length > 0 ? [l10n.t('From huggingface.co, unless it is in the model folder already:\n{0}', addresses.join('\n'))] : []),
  ].join('\n\n');
  const button = asked.length > 0 ? l10n.t('Start') : l10n.t('Download');
  const chosen = await window.showWarningMessage(nameQuestion(asked, addresses), { modal: true, detail }, button);
  if (chosen !== button) return undefined;
  for (const { key } of access) services.agreedServers.add(key);
  return { allowDownload: addresses.length > 0, ...limit };
}

/**
 * Alternatives are asked of servers that the user has agreed to in this window.
 * @throws AuditError `badPlan`
 */
export async function confirmAlternatives({ agreedServers }: Pick<Services, 'agreedServers'>, plan: AuditPlan): Promise<boolean> {
  return confirmSending(agreedServers, plan, (hosts) => ({
    text: l10n.t('Send this completion to {0}?', hosts),
    detail: l10n.t('The alternatives come from the server of the model. It is asked again for other tokens without this question.'),
  }));
}

function nameQuestion(asked: readonly Destination[], addresses: readonly string[]): string {
  if (asked.length === 0) return l10n.t('Download what this audit needs?');
  const hosts = asked.map(({ host }) => host).join(', ');
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

/** Consent before a run: one question about everything that would leave this machine or be downloaded. */
import { l10n, workspace } from 'vscode';
import type { AuditPlan } from '../audit/plan.js';
import { visibleLine } from '../text/visible-text.js';
import { checkPlan } from '../runner/servers/check-endpoints.js';
import { estimateServerTokens, listAccess, listDestinations, listEndpoints, type Destination } from '../runner/servers/destinations.js';
import { listSentFiles, realPaths, type SentFile, type SentFiles } from '../runner/sent-files.js';
import type { RunRequest } from '../runner/run/types.js';
import { readSettings } from '../editor/settings.js';
import { describeTokens } from '../views/status-text.js';
import { confirmSending, describeAccess, listUnagreed, rememberAgreed, type ServerMemory } from './confirm-sending.js';
import type { Services } from './services.js';
import { listAddresses } from '../wizard/choices.js';
import { showWarningMessage } from '../editor/shown/messages.js';

export type RunPermission = Pick<RunRequest, 'allowDownload' | 'tokenLimit' | 'readableRoots'>;

/** Who chose what a plan says. */
export interface PlanOrigin {
  /** The user, answering questions; a file may be somebody else's. */
  readonly chosenBy: 'user' | 'file';
  /** Openings are still to be drawn; they do not stand in a journal. */
  readonly drawsOpenings: boolean;
}

/**
 * Undefined when the user does not want it. Where everything stays on this machine nothing is asked.
 * @throws AuditError `badPlan` where what the plan says of servers or files cannot be meant
 */
export async function confirmRun(services: Pick<Services, 'log'> & ServerMemory, plan: AuditPlan, origin: PlanOrigin): Promise<RunPermission | undefined> {
  const { forbidNetwork, tokenLimit } = readSettings();
  const limit = tokenLimit > 0 ? { tokenLimit } : {};
  // What is forbidden is refused by whoever would do it, with the way out.
  if (forbidNetwork) return { allowDownload: false, ...limit };
  checkPlan(plan);
  const addresses = listAddresses([plan.finetuned, plan.reference, ...(plan.noiseFloor ? [plan.noiseFloor.model] : [])]);
  const destinations = listDestinations(plan);
  // A server on this machine that the user has just chosen is no question.
  const unagreed = listUnagreed(services, plan, 'audit').filter(({ isLocal }) => !isLocal || origin.chosenBy === 'file');
  const asked = destinations.filter(({ host, isLocal }) => !isLocal || unagreed.some((access) => access.host === host));
  const access = listAccess(plan).filter(({ host }) => asked.some((destination) => destination.host === host));
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
  const files = keepDrawn(await listSentFiles(plan, folders), origin);
  for (const { host, receives } of destinations) services.log.info(l10n.t('{0} receives: {1}', host, receives.join('; ')));
  if (addresses.length > 0 || asked.length > 0) {
    const shown = origin.chosenBy === 'user' ? [...files.inside, ...files.outside] : files.inside;
    const detail = [
      ...asked.map(describeDestination),
      ...describeAccess(access),
      ...(shown.length > 0 && asked.length > 0 ? [l10n.t('What is sent comes from\n{0}', describeFiles(shown))] : []),
      ...(asked.length > 0 ? [describeCost(plan, tokenLimit)] : []),
      ...(addresses.length > 0 ? [l10n.t('From huggingface.co, unless it is in the model folder already:\n{0}', addresses.map(visibleLine).join('\n'))] : []),
    ].join('\n\n');
    const button = asked.length > 0 ? l10n.t('Start') : l10n.t('Download');
    const chosen = await showWarningMessage(nameQuestion(asked, addresses), { modal: true, detail }, button);
    if (chosen !== button) return undefined;
  }
  if (origin.chosenBy === 'file' && files.outside.length > 0 && !(await confirmOutside(files.outside, destinations))) return undefined;
  rememberAgreed(services, plan, 'audit');
  const readable = origin.chosenBy === 'user' || listEndpoints(plan).length === 0 ? {} : { readableRoots: await listRoots(files, folders, origin) };
  return { allowDownload: addresses.length > 0, ...readable, ...limit };
}

/**
 * Alternatives are asked of servers that the user has agreed to in this window.
 * @throws AuditError `badPlan`; `cancelled`
 */
export async function confirmAlternatives(memory: ServerMemory, plan: AuditPlan): Promise<void> {
  return confirmSending(memory, plan, 'audit', (hosts) => ({
    text: l10n.t('Send this completion to {0}?', hosts),
    detail: l10n.t('The alternatives come from the server of the model. It is asked again for other tokens without this question.'),
  }));
}

/** Openings that stand in the journal are read from no file. */
function keepDrawn({ inside, outside }: SentFiles, { drawsOpenings }: PlanOrigin): SentFiles {
  const isDrawn = ({ use }: SentFile) => drawsOpenings || use === 'model';
  return { inside: inside.filter(isDrawn), outside: outside.filter(isDrawn) };
}

/** Those who sent a plan can name any file of this machine in it, and a server of theirs to send it to. */
async function confirmOutside(files: readonly SentFile[], destinations: readonly Destination[]): Promise<boolean> {
  const send = l10n.t('Send Their Text');
  const hosts = destinations.map(({ host }) => host).join(', ');
  const detail = l10n.t(
    'The plan names files that are hidden or lie outside of this workspace. Their text, or what the models in them write, goes to that server:\n{0}',
    describeFiles(files),
  );
  return (await showWarningMessage(l10n.t('Send text of files from elsewhere to {0}?', hosts), { modal: true, detail }, send)) === send;
}

/** What openings may be read from in this run, and nothing else, whatever the files say by then. */
async function listRoots({ outside }: SentFiles, folders: readonly string[], { drawsOpenings }: PlanOrigin): Promise<string[]> {
  if (!drawsOpenings) return [];
  return [...(await realPaths(folders)), ...outside.filter(({ use }) => use === 'openings').map(({ base }) => base)];
}

/** Paths are the plan's own words. */
function describeFiles(files: readonly SentFile[]): string {
  return files.map(({ path, base }) => `• ${visibleLine(path)}${base === path ? '' : ` (${visibleLine(base)})`}`).join('\n');
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

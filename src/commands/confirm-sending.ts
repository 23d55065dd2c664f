/** Before something of an audit is sent to a server: who would receive it, and what of this machine goes along. */
import { l10n } from 'vscode';
import { AuditError } from '../audit/errors.js';
import type { AuditPlan, EndpointSource } from '../audit/plan.js';
import { keyOfAccess, listVariables, type SentMatter } from '../models/api/transport/server-access.js';
import { checkEndpoints } from '../runner/servers/check-endpoints.js';
import { listAccess, listEndpoints, type ServerAccess } from '../runner/servers/destinations.js';
import { readSettings } from '../editor/settings.js';
import { showWarningMessage } from '../editor/shown/messages.js';
import { describeUnencrypted } from '../endpoints/describe-unencrypted.js';
import { normaliseBaseUrl } from '../endpoints/endpoint-address.js';
import type { Services } from './services.js';

/** What tells whether a server was agreed to, or set up by the user's own hand. */
export interface ServerMemory extends Pick<Services, 'agreedServers'> {
  readonly recent: Pick<Services['recent'], 'endpoints'>;
  readonly endpoints: { readonly secrets: Pick<Services['endpoints']['secrets'], 'list'> };
}
type Models = Pick<AuditPlan, 'finetuned' | 'reference' | 'noiseFloor'>;

/**
 * Asks about servers that nothing was agreed about in this window; what is agreed to is remembered.
 * @param matter what would be sent
 * @param describe the question, for the hosts' names
 * @throws AuditError `badPlan` where what the plan says of servers cannot be meant; `cancelled` where the user does not want it
 */
export async function confirmSending(
  memory: ServerMemory,
  { finetuned, reference }: Pick<AuditPlan, 'finetuned' | 'reference'>,
  matter: SentMatter,
  describe: (hosts: string) => { readonly text: string; readonly detail: string },
): Promise<void> {
  // What is forbidden is refused by whoever would do it, with the way out.
  if (readSettings().forbidNetwork) return;
  checkEndpoints({ finetuned, reference });
  const access = listUnagreed(memory, { finetuned, reference }, matter);
  if (access.length > 0) {
    const send = l10n.t('Send');
    const { text, detail } = describe([...new Set(access.map(({ host }) => host))].join(', '));
    const options = { modal: true, detail: [detail, ...describeAccess(access)].join('\n\n') };
    if ((await showWarningMessage(text, options, send)) !== send) throw new AuditError('cancelled', 'Cancelled.');
  }
  rememberAgreed(memory, { finetuned, reference }, matter);
}

/** A server on this machine that the user has set up here needs no question; one that a plan names may be another program's. */
export function listUnagreed(memory: ServerMemory, plan: Models, matter: SentMatter): ServerAccess[] {
  return listAccess(plan).filter(({ isLocal, source }) => !memory.agreedServers.has(source, matter) && !(isLocal && isOwn(memory, source)));
}

export function rememberAgreed({ agreedServers }: ServerMemory, plan: Models, matter: SentMatter): void {
  for (const source of listEndpoints(plan)) agreedServers.add(source, matter);
}

/** Whether the user has chosen the server, with the same variables, or keeps a key for it. */
function isOwn({ recent, endpoints }: ServerMemory, source: EndpointSource): boolean {
  const key = keyOfAccess(source);
  if (recent.endpoints().some((chosen) => keyOfAccess(chosen) === key)) return true;
  return listVariables(source).length === 0 && endpoints.secrets.list().includes(normaliseBaseUrl(source.endpoint));
}

/** A plan may come from somebody else: which of this machine's variables it sends is nothing to be silent about. */
export function describeAccess(access: readonly ServerAccess[]): string[] {
  const hosts = [...new Set(access.map(({ host }) => host))];
  const variablesOf = (host: string) => [...new Set(access.flatMap((entry) => (entry.host === host ? entry.variables : [])))];
  const unencrypted = hosts.filter((host) => access.some((entry) => entry.host === host && entry.isUnencrypted));
  return [
    ...hosts.flatMap((host) => {
      const variables = variablesOf(host);
      return variables.length === 0 ? [] : [l10n.t('Environment variables that go to {0}, where they are set: {1}', host, variables.join(', '))];
    }),
    ...unencrypted.map(describeUnencrypted),
  ];
}

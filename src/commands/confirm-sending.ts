/** Before something of an audit is sent to a server: who would receive it, and what of this machine goes along. */
import { l10n, window } from 'vscode';
import type { AuditPlan } from '../audit/plan.js';
import { checkEndpoints } from '../runner/check-endpoints.js';
import { listAccess, type ServerAccess } from '../runner/destinations.js';
import { readSettings } from '../views/settings.js';

/**
 * Asks about servers that nothing was agreed about in this window; what is agreed to is remembered in `agreed`.
 * @param describe the question, for the hosts' names
 * @throws AuditError `badPlan` where what the plan says of servers cannot be meant
 */
export async function confirmSending(
  agreed: Set<string>,
  { finetuned, reference }: Pick<AuditPlan, 'finetuned' | 'reference'>,
  describe: (hosts: string) => { readonly text: string; readonly detail: string },
): Promise<boolean> {
  // What is forbidden is refused by whoever would do it, with the way out.
  if (readSettings().forbidNetwork) return true;
  checkEndpoints({ finetuned, reference });
  const access = listUnagreed(agreed, { finetuned, reference });
  if (access.length === 0) return true;
  const send = l10n.t('Send');
  const { text, detail } = describe([...new Set(access.map(({ host }) => host))].join(', '));
  const options = { modal: true, detail: [detail, ...describeAccess(access)].join('\n\n') };
  if ((await window.showWarningMessage(text, options, send)) !== send) return false;
  for (const { key } of access) agreed.add(key);
  return true;
}

/** What is sent to this very machine needs no question, but for variables, which another program's server may not be meant to have. */
export function listUnagreed(agreed: ReadonlySet<string>, plan: Pick<AuditPlan, 'finetuned' | 'reference' | 'noiseFloor'>): ServerAccess[] {
  return listAccess(plan).filter(({ isLocal, variables, key }) => (!isLocal || variables.length > 0) && !agreed.has(key));
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

export function describeUnencrypted(host: string): string {
  return l10n.t('The address of {0} begins with http: what is sent there, a key included, is unencrypted.', host);
}

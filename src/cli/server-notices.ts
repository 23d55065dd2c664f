/** Notices about servers before and after an audit, for whoever pays them or trusts them with texts. */
import { readAddress, type AuditPlan } from '../audit/plan.js';
import { isUnencrypted, listHeaderVariables } from '../models/api/transport/server-access.js';
import { estimateServerTokens, listDestinations, listEndpoints } from '../runner/servers/destinations.js';
import { Colours } from './colours.js';
import { colourText } from './completion-text.js';
import { keyVariable } from './endpoint-keys.js';

/** Which host receives which texts, with whose key, and how many tokens that is; nothing where no server is asked. */
export function describeServers(plan: AuditPlan, tokenLimit: number | undefined): string[] {
  const destinations = listDestinations(plan);
  if (destinations.length === 0) return [];
  const limit = tokenLimit === undefined ? '' : ` This run pauses at ${formatCount(tokenLimit)}.`;
  return [
    ...destinations.flatMap(({ host, isLocal, receives }) => [
      `${host}${isLocal ? ' (this machine)' : ''} receives, ${describeKeys(plan, host)}:`,
      ...receives.map((texts) => `  ${texts}`),
    ]),
    `The whole audit takes at most about ${formatCount(estimateServerTokens(plan))} tokens of servers, read and written.${limit}`,
  ];
}

function describeKeys(plan: AuditPlan, host: string): string {
  const endpoints = listEndpoints(plan).filter((source) => readAddress(source).host === host);
  const variables = [...new Set(endpoints.map(keyVariable).filter((name) => name !== undefined))];
  const inHeaders = [...new Set(endpoints.flatMap(listHeaderVariables))];
  const headers = inHeaders.length === 0 ? '' : ` and ${inHeaders.join(', ')} in headers`;
  const clear = endpoints.some(isUnencrypted) ? ' (unencrypted: the address begins with http:)' : '';
  if (variables.length === 0) return `without a key${headers}${headers && clear}`;
  return `with the key in ${variables.join(' and ')}${headers}${clear}`;
}

/** Reasons that are listed one by one. */
const SHOWN_REASONS = 5;

/** How many completions the audit went on without, and why, most frequent reason first. */
export function describeSetAside(reasons: readonly string[]): string[] {
  if (reasons.length === 0) return [];
  const sorted = countReasons(reasons);
  const rest = sorted.length - SHOWN_REASONS;
  return [
    `${reasons.length} ${reasons.length === 1 ? 'completion was' : 'completions were'} set aside, since no usable answer came:`,
    ...sorted.slice(0, SHOWN_REASONS).map(([reason, count]) => `  ${count} × ${showLine(reason)}`),
    ...(rest > 0 ? [`  and ${rest} more ${rest === 1 ? 'reason' : 'reasons'}`] : []),
  ];
}

/** The same in one line, with the most frequent reason; `null` where there are none. */
export function summariseSetAside(reasons: readonly string[]): string | null {
  const [most] = countReasons(reasons);
  if (!most) return null;
  const count = `${reasons.length} ${reasons.length === 1 ? 'completion is' : 'completions are'} set aside and not in this report`;
  return `${count} (${most[1] === reasons.length ? '' : `${most[1]} of them: `}${showLine(most[0])})`;
}

function countReasons(reasons: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** Servers choose some of the words. */
function showLine(text: string): string {
  return colourText(text, new Colours(0), (part) => part).replaceAll('\n', ' ');
}

function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A standstill in one line. */
import { formatDuration } from './account.js';
import type { Standstill } from './request-pool.js';

/** E.g. `localhost:8000 could not be reached or hung up (ECONNREFUSED); asked again in 12 s`. */
export function describeStandstill({ host, reason, lastedMs, retryInMs }: Standstill): string {
  if (reason === null) return `${host} has answered nothing for ${formatDuration(lastedMs)}`;
  const again = retryInMs < 1000 ? 'asked again now' : `asked again in ${formatDuration(retryInMs)}`;
  return `${reason.replace(/\.$/, '')}; ${again}`;
}

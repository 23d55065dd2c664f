/** A standstill in one line. */
import { formatDuration } from '../../../text/numbers.js';
import type { Standstill } from './request-pool.js';

/** E.g. `localhost:8000 could not be reached or hung up (ECONNREFUSED); asked again in 12 s`. */
export function describeStandstill({ host, reason, lastedMs, retryInMs }: Standstill): string {
  if (reason === null) return `${host} has answered nothing for ${formatDuration(lastedMs / 1000)}`;
  const again = retryInMs < 1000 ? 'asked again now' : `asked again in ${formatDuration(retryInMs / 1000)}`;
  return `${reason.replace(/\.$/, '')}; ${again}`;
}

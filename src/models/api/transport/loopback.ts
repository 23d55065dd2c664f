/**
 * Whether a host name (`URL.hostname`) can only mean this very machine: `localhost` and the names below it (RFC 6761), 127.0.0.0/8
 * and ::1.
 */
export function isLoopback(hostname: string): boolean {
  return /^(.+\.)?localhost\.?$/.test(hostname) || /^127(\.\d{1,3}){3}$/.test(hostname) || hostname === '[::1]';
}

/** Estimates, in few words. */
import { l10n } from 'vscode';

/** E.g. `40 s`, `12 min`, `3.5 h`: not finer, since it is an estimate. */
export function describeDuration(seconds: number): string {
  if (seconds < 90) return l10n.t('{0} s', Math.max(1, Math.round(seconds)));
  if (seconds < 90 * 60) return l10n.t('{0} min', Math.round(seconds / 60));
  return l10n.t('{0} h', (seconds / 3600).toFixed(1));
}

/** E.g. `1,200,000`: to two digits, since it is an estimate. */
export function describeTokens(tokens: number): string {
  return Number(tokens.toPrecision(2)).toLocaleString();
}

/** E.g. `0.3 GB`; 1 GB is 10⁹ bytes. */
export function describeBytes(bytes: number): string {
  return bytes < 95e6 ? l10n.t('{0} MB', Math.max(1, Math.round(bytes / 1e6))) : l10n.t('{0} GB', (bytes / 1e9).toFixed(1));
}

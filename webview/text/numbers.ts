/** Numbers as people read them. A real minus sign, no false precision. */
import { formatCount, formatFixed, NONE } from '../../src/text/numbers.js';
import { SCORE_DEFINITIONS, type ScoreName } from '../../src/audit/scores.js';

/** A gap in nats, signed. */
export function formatGap(value: number | null, decimals = 2): string {
  return value === null ? NONE : formatFixed(value, decimals, true);
}

/** A perplexity or a difference of two: three figures or so. */
export function formatPerplexity(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size >= 1e6) return `${formatFixed(value / 10 ** Math.floor(Math.log10(size)), 1)}·10${superscript(Math.floor(Math.log10(size)))}`;
  return formatFixed(value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

export function formatScore(name: ScoreName, value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  const { decimals } = SCORE_DEFINITIONS[name];
  return decimals === null ? formatPerplexity(value) : formatFixed(value, decimals);
}

/** The probability of a logprob, in percent with three significant figures at most. */
export function formatProbability(logprob: number): string {
  const percent = Math.exp(logprob) * 100;
  if (percent >= 99.95) return percent >= 99.995 ? '100 %' : `${percent.toFixed(2)} %`;
  if (percent >= 10) return `${percent.toFixed(1)} %`;
  if (percent >= 1) return `${percent.toFixed(2)} %`;
  if (percent >= 0.001) return `${Number(percent.toPrecision(2))} %`;
  if (percent < 1e-12) return '≈ 0 %';
  const exponent = Math.floor(Math.log10(percent));
  return `${(percent / 10 ** exponent).toFixed(1)}·10${superscript(exponent)} %`;
}

/** How many times likelier: whole from ten on, two figures and a power of ten from 10,000 on. */
export function formatFactor(times: number): string {
  if (times === Infinity) return `over 10${superscript(308)}`;
  if (times < 10) return times.toFixed(1);
  if (times < 10_000) return formatCount(Math.round(times));
  const [digits, exponent] = times.toExponential(1).split('e+');
  return `${digits}·10${superscript(Number(exponent))}`;
}

/** A point in time (ISO 8601) as the reader's clock says it; what is none, as it is. */
export function formatTime(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}

/** A share from 0 to 1 in whole percent. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Ascending whole numbers, neighbours together: `3`, `7–9`. */
export function formatRanges(numbers: readonly number[]): string[] {
  const ranges: [from: number, to: number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`));
}

function superscript(exponent: number): string {
  return [...String(exponent)].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]!)).join('');
}

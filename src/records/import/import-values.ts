/** Values of imported records: `null` for none given, `undefined` for one that is not what the field wants. */
import { FRAMINGS, type Framing } from '../../audit/framing.js';
import type { FindingLabel } from '../../analysis/finding.js';
import { parseNumber, type NumberStyle } from './number-style.js';

const NONE: ReadonlySet<string> = new Set(['', 'nan', 'null', 'none', 'n/a', 'na', '-', '–']);

const LABELS: Readonly<Record<FindingLabel, readonly string[]>> = {
  revealing: ['revealing', 'hit', 'true', '1', 'yes', 'positive'],
  notRevealing: ['notrevealing', 'miss', 'false', '0', 'no', 'negative', 'benign'],
  unsure: ['unsure', 'maybe', 'unclear', '?'],
};

/** A finite number, also one written as text. One that is infinite ranks nothing and is none. */
export function readNumber(value: unknown, style: NumberStyle = 'point'): number | null | undefined {
  if (isNone(value) || isInfinite(value)) return null;
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  return typeof value === 'number' ? value : parseNumber(value, style);
}

const INFINITE = /^[+-]?inf(?:inity)?$/i;

/** Also as a text, and a number that is too large for any. */
export function isInfinite(value: unknown): boolean {
  if (typeof value === 'string' && INFINITE.test(value.trim())) return true;
  return (typeof value === 'number' || typeof value === 'string') && Math.abs(Number(value)) === Number.POSITIVE_INFINITY;
}

export function readText(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : undefined;
}

export function readFraming(value: unknown): Framing | null | undefined {
  if (isNone(value)) return null;
  return typeof value === 'string' ? FRAMINGS.find((framing) => framing === value.trim().toLowerCase()) : undefined;
}

/** Yes and no count as revealing and not revealing. */
export function readLabel(value: unknown): FindingLabel | null | undefined {
  if (isNone(value)) return null;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const word = String(value)
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
  return (Object.keys(LABELS) as FindingLabel[]).find((label) => LABELS[label].includes(word));
}

export function isNone(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && NONE.has(value.trim().toLowerCase())) || Number.isNaN(value);
}

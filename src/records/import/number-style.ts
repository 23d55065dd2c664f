/** Decides whether numbers are written with a decimal point or a decimal comma. What could be either is neither. */
import { isInfinite, isNone } from './import-values.js';

export type NumberStyle = 'point' | 'comma';

const POINT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const POINT_GROUPED = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const COMMA = /^[+-]?\d+,\d+(?:e[+-]?\d+)?$/i;
const COMMA_GROUPED = /^[+-]?\d{1,3}(?:\.\d{3})+,\d+$/;
/** 1,234: a thousand and something, or one and something. */
const EITHER = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/** @returns `null` where the numbers can be read in both ways */
export function findNumberStyle(values: Iterable<unknown>): NumberStyle | null {
  let point = false;
  let comma = false;
  let either = false;
  for (const value of values) {
    if (typeof value !== 'string' || isNone(value) || isInfinite(value)) continue;
    const text = value.trim();
    if (EITHER.test(text)) either = true;
    else if (COMMA.test(text) || COMMA_GROUPED.test(text)) comma = true;
    else if (POINT_GROUPED.test(text) || (text.includes('.') && POINT.test(text))) point = true;
  }
  if (comma && !point) return 'comma';
  return either && !point ? null : 'point';
}

/** `undefined` for what is no number of that style. */
export function parseNumber(text: string, style: NumberStyle): number | undefined {
  const trimmed = text.trim();
  if (style === 'comma') {
    if (COMMA.test(trimmed) || COMMA_GROUPED.test(trimmed)) return Number(trimmed.replaceAll('.', '').replace(',', '.'));
    return POINT.test(trimmed) && !trimmed.includes('.') ? Number(trimmed) : undefined;
  }
  if (POINT.test(trimmed)) return Number(trimmed);
  return POINT_GROUPED.test(trimmed) ? Number(trimmed.replaceAll(',', '')) : undefined;
}

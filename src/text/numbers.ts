/** Numbers, counts and durations as page, editor, terminal and reports say them alike. */

export const MINUS = '−';
/** In the place of a number that there is not. */
export const NONE = '–';

/** Fixed decimals with a real minus; a plus too where `signed`. */
export function formatFixed(value: number | null, decimals: number, signed = false): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  const digits = Math.abs(value).toFixed(decimals);
  if (Number(digits) === 0) return digits;
  return value < 0 ? MINUS + digits : signed ? `+${digits}` : digits;
}

/** E.g. `1,204`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 completion`, `2 completions`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Seconds as e.g. `40 s`, `3 min 20 s` or `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const [large, small, units] =
    whole < 3600 ? [Math.floor(whole / 60), whole % 60, ['min', 's']] : [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), ['h', 'min']];
  return small === 0 ? `${large} ${units[0]}` : `${large} ${units[0]} ${small} ${units[1]}`;
}

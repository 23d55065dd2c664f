/** Shades as the page needs them beyond what all views share. */
import { GAMMA, type GapScale } from '../../src/text/gap-shade.js';

/** The share of the scale's maximum at which a shade has a strength (both from 0 to 1). */
export function gapShareOf(strength: number): number {
  return strength ** (1 / GAMMA);
}

/** The scale of one completion alone: its largest gap, and no less than a tenth of a nat. */
export function localMaximum(gaps: readonly (number | null)[]): number {
  let largest = 0.1;
  for (const gap of gaps) if (gap !== null && Number.isFinite(gap)) largest = Math.max(largest, Math.abs(gap));
  return largest;
}

/** Gaps printed as numbers: at least a third of the scale, and shaded at all. */
export function isSalient(gap: number | null, scale: GapScale): boolean {
  return gap !== null && Math.abs(gap) >= Math.max(scale.threshold, scale.max / 3);
}

/** The classes that shade a token; see `tokens.css`. */
export function shadeClass(level: number): string {
  if (level === 0) return '';
  return `${level > 0 ? 'likes-f' : 'likes-r'} shade-${Math.abs(level)}`;
}

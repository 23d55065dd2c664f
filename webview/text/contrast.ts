/** Limits the strength of a shade so that the text on it stays readable (WCAG 2 relative luminance and contrast). */

/** Red, green, blue from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number];

export function contrastRatio(a: Colour, b: Colour): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/**
 * The largest share of `hue` over `background` that leaves `text` readable, from 0 to `most`. A theme whose own text
 * is below `ratio` loses no more than a tenth of the contrast it has.
 */
export function strongestShare(text: Colour, background: Colour, hue: Colour, most: number, ratio = 4.5): number {
  const wanted = Math.min(ratio, contrastRatio(text, background) * 0.9);
  const readable = (share: number) => contrastRatio(text, mix(background, hue, share)) >= wanted;
  let share = most;
  while (share > 0 && !readable(share)) share -= 0.01;
  return Math.max(0, share);
}

/** From `rgb(…)`, `rgba(…)` or `color(srgb …)`, as computed styles give them; what shines through is `behind`. */
export function parseColour(css: string, behind: Colour = [0, 0, 0]): Colour | null {
  const parsed = parseWithOpacity(css);
  return parsed && mix(behind, parsed.colour, parsed.opacity);
}

/** The same with its opacity, from 0 to 1, apart. */
export function parseWithOpacity(css: string): { readonly colour: Colour; readonly opacity: number } | null {
  const numbers = css.match(/[\d.]+(?:e-?\d+)?/g)?.map(Number);
  if (!numbers || numbers.length < 3) return null;
  const unit = css.startsWith('color(') ? 1 : 255;
  return { colour: [numbers[0]! / unit, numbers[1]! / unit, numbers[2]! / unit], opacity: numbers[3] ?? 1 };
}

export function formatColour(colour: Colour): string {
  return `rgb(${colour.map((value) => Math.round(value * 255)).join(', ')})`;
}

/** `share` of b over a. */
export function mix(a: Colour, b: Colour, share: number): Colour {
  return [0, 1, 2].map((i) => a[i]! * (1 - share) + b[i]! * share) as unknown as Colour;
}

function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The two hues of the gap scale and how strong their shades may be, from what a theme offers. */
import { contrastRatio, mix, parseWithOpacity, strongestShare, type Colour } from './contrast.js';

const BLACK: Colour = [0, 0, 0];
const WHITE: Colour = [1, 1, 1];

/** WCAG 2.2, 1.4.11: of a graphic against what it stands on. */
const GRAPHIC_CONTRAST = 3;
/** Degrees on the colour wheel by which the two hues differ at least. */
const HUES_APART = 60;
const LEAST_SATURATION = 0.25;
/** Themes define translucent colours to be laid over text; nearly invisible ones are no colours. */
const LEAST_OPACITY = 0.2;

/**
 * The first of the theme's colours, made opaque, that stands out from the page and is another hue than `other`; where
 * none does, the first that is a colour at all.
 * @param candidates as computed styles say them, best first
 */
export function chooseHue(candidates: readonly string[], page: Colour, other: Colour | null): Colour | null {
  const colours = candidates.flatMap((css) => {
    const parsed = parseWithOpacity(css);
    return parsed && parsed.opacity >= LEAST_OPACITY ? [parsed.colour] : [];
  });
  return colours.find((colour) => isFit(colour, page, other)) ?? colours[0] ?? null;
}

/** Halfway between red and yellow of a theme that has no orange. */
export function blend(a: string, b: string): string {
  const [from, to] = [parseWithOpacity(a), parseWithOpacity(b)];
  if (!from || !to) return '';
  return `color(srgb ${mix(from.colour, to.colour, 0.5).join(' ')} / ${Math.min(from.opacity, to.opacity)})`;
}

export interface ShadeLimits {
  /** Colour of the text on the stronger half of the shades; the weaker half keeps the theme's. */
  readonly ink: Colour;
  /** Share of a hue over the background at the strongest shade. */
  readonly most: number;
}

/** Beyond this a text is a block of colour; on a light page sooner than on a dark one. */
const MOST_ON_DARK = 0.82;
const MOST_ON_LIGHT = 0.66;

/** How strong shades of both hues may be on all of the backgrounds so that the text on them has a contrast of 4.5. */
export function limitShades(text: Colour, backgrounds: readonly Colour[], hues: readonly Colour[]): ShadeLimits {
  const page = backgrounds[0]!;
  const ink = contrastRatio(page, WHITE) > contrastRatio(page, BLACK) ? WHITE : BLACK;
  const most = ink === WHITE ? MOST_ON_DARK : MOST_ON_LIGHT;
  const shares = backgrounds.flatMap((background) =>
    hues.flatMap((hue) => [strongestShare(ink, background, hue, most), 2 * strongestShare(text, background, hue, most / 2)]),
  );
  return { ink, most: Math.min(...shares) };
}

function isFit(colour: Colour, page: Colour, other: Colour | null): boolean {
  if (contrastRatio(colour, page) < GRAPHIC_CONTRAST || saturationOf(colour) < LEAST_SATURATION) return false;
  if (other === null) return true;
  const away = Math.abs(hueAngle(colour) - hueAngle(other));
  return Math.min(away, 360 - away) >= HUES_APART;
}

function saturationOf(colour: Colour): number {
  const most = Math.max(...colour);
  return most === 0 ? 0 : (most - Math.min(...colour)) / most;
}

/** Degrees: 0 red, 120 green, 240 blue. */
function hueAngle([red, green, blue]: Colour): number {
  return (Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue) * 180) / Math.PI;
}

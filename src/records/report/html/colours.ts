/** The colours of a report on the screen (light and dark) and on paper. Orange and blue: colour-blind readers tell them apart. */
import { SHADE_LEVELS } from '../../../text/gap-shade.js';

/** Red, green, blue from 0 to 255. */
type Colour = readonly [red: number, green: number, blue: number];

interface Palette {
  readonly page: Colour;
  readonly text: Colour;
  /** Text on the stronger half of the shades. */
  readonly ink: Colour;
  readonly hueF: Colour;
  readonly hueR: Colour;
  /** Share of a hue at the strongest shade. */
  readonly most: number;
  readonly others: Readonly<Record<string, string>>;
}

const LIGHT: Palette = {
  page: [255, 255, 255],
  text: [31, 35, 40],
  ink: [0, 0, 0],
  hueF: [227, 111, 10],
  hueR: [46, 124, 214],
  most: 0.7,
  others: {
    dim: '#57606a',
    hairline: '#d0d7de',
    panel: '#f6f8fa',
    link: '#0a5bc4',
    warning: '#8a5a00',
    found: '#b8860b',
    grid: '#d8dee4',
    revealing: '#bc3a00',
    notRevealing: '#2f6b8f',
    unsure: '#7a3fb5',
    unlabelled: '#7c8590',
    noise: '#1f2328',
  },
};

const DARK: Palette = {
  page: [30, 30, 30],
  text: [212, 212, 212],
  ink: [255, 255, 255],
  hueF: [196, 92, 0],
  hueR: [36, 106, 196],
  most: 0.82,
  others: {
    dim: '#a3a9b1',
    hairline: '#454a50',
    panel: '#262626',
    link: '#6cb2ff',
    warning: '#e2b33c',
    found: '#e0b020',
    grid: '#3a3f45',
    revealing: '#ff8a4c',
    notRevealing: '#6fb3d9',
    unsure: '#c39bf0',
    unlabelled: '#8d949d',
    noise: '#d4d4d4',
  },
};

/** The custom properties of both palettes. Paper is always light. */
export function formatPalettes(): string {
  return [
    `:root { color-scheme: light; ${formatPalette(LIGHT)} }`,
    `@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; ${formatPalette(DARK)} } }`,
  ].join('\n');
}

/** One rule per level and side: background, colour of the text, and a line that is solid for F and dotted for R. */
export function formatShades(): string {
  return (['f', 'r'] as const)
    .flatMap((side) =>
      levels().map((level) => {
        const line = lineWidth(level);
        const underline = line === 0 ? '' : ` text-decoration: underline ${side === 'f' ? 'solid' : 'dotted'} ${line}px;`;
        const ink = level > SHADE_LEVELS / 2 ? ' color: var(--ink);' : '';
        return `.${side}${level} { background: var(--${side}${level});${ink}${underline} }`;
      }),
    )
    .join('\n');
}

/** What the shades are in each palette: for whoever checks that their text can be read. */
export function listShades(): { readonly text: Colour; readonly background: Colour }[] {
  return [LIGHT, DARK].flatMap((palette) =>
    [palette.hueF, palette.hueR].flatMap((hue) =>
      levels().map((level) => ({ text: level > SHADE_LEVELS / 2 ? palette.ink : palette.text, background: shade(palette, hue, level) })),
    ),
  );
}

function formatPalette(palette: Palette): string {
  const shades = (
    [
      ['f', palette.hueF],
      ['r', palette.hueR],
    ] as const
  ).flatMap(([side, hue]) => levels().map((level) => `--${side}${level}: ${formatColour(shade(palette, hue, level))};`));
  const named = Object.entries({ page: formatColour(palette.page), text: formatColour(palette.text), ink: formatColour(palette.ink), ...palette.others });
  return [...named.map(([name, value]) => `--${name}: ${value};`), ...shades].join(' ');
}

function shade({ page, most }: Palette, hue: Colour, level: number): Colour {
  const share = (most * level) / SHADE_LEVELS;
  return [0, 1, 2].map((i) => Math.round(page[i]! * (1 - share) + hue[i]! * share)) as unknown as Colour;
}

function lineWidth(level: number): number {
  return Math.floor((level - 1) / 3);
}

function levels(): number[] {
  return Array.from({ length: SHADE_LEVELS }, (_, index) => index + 1);
}

function formatColour(colour: Colour): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

import { describe, expect, it } from 'vitest';
import { contrastRatio, mix, parseColour, type Colour } from '../../../webview/text/contrast.js';
import { SHADE_LEVELS } from '../../../src/text/gap-shade.js';
import { blend, chooseHue, limitShades } from '../../../webview/text/shade-colours.js';

/** As the editor's default themes compute them; what a theme lacks is transparent. */
const NONE = 'rgba(0, 0, 0, 0)';
const THEMES = {
  'Dark Modern': {
    page: 'rgb(31, 31, 31)',
    text: 'rgb(204, 204, 204)',
    oranges: ['rgba(234, 92, 0, 0.33)', 'rgb(238, 157, 40)'],
    blue: 'rgb(89, 164, 249)',
    red: 'rgb(241, 76, 76)',
    yellow: 'rgb(204, 167, 0)',
    rows: ['rgb(55, 55, 61)', 'rgb(42, 45, 46)'],
  },
  'Light Modern': {
    page: 'rgb(255, 255, 255)',
    text: 'rgb(59, 59, 59)',
    oranges: ['rgba(234, 92, 0, 0.33)', 'rgb(214, 126, 0)'],
    blue: 'rgb(0, 99, 211)',
    red: 'rgb(229, 20, 0)',
    yellow: 'rgb(191, 136, 3)',
    rows: ['rgb(228, 230, 241)', 'rgb(242, 242, 242)'],
  },
  'Dark High Contrast': {
    page: 'rgb(0, 0, 0)',
    text: 'rgb(255, 255, 255)',
    oranges: [NONE, 'rgb(238, 157, 40)'],
    blue: 'rgb(89, 164, 249)',
    red: 'rgb(244, 135, 113)',
    yellow: 'rgb(255, 211, 112)',
    rows: [NONE, 'rgba(255, 255, 255, 0.1)'],
  },
  'Light High Contrast': {
    page: 'rgb(255, 255, 255)',
    text: 'rgb(41, 41, 41)',
    oranges: [NONE, 'rgb(214, 126, 0)'],
    blue: 'rgb(0, 99, 211)',
    red: 'rgb(181, 32, 13)',
    yellow: 'rgb(137, 85, 3)',
    rows: ['rgba(15, 74, 133, 0.1)', 'rgba(15, 74, 133, 0.1)'],
  },
};

function colour(css: string, behind?: Colour): Colour {
  return parseColour(css, behind)!;
}

describe.each(Object.entries(THEMES))('the shades in %s', (_name, theme) => {
  const page = colour(theme.page);
  const text = colour(theme.text);
  const r = chooseHue([theme.blue], page, null)!;
  const f = chooseHue([...theme.oranges, blend(theme.red, theme.yellow)], page, r)!;
  const backgrounds = [page, ...theme.rows.map((row) => colour(row, page))];

  it('have an orange and a blue that stand out from the page', () => {
    expect(contrastRatio(f, page)).toBeGreaterThanOrEqual(3);
    expect(contrastRatio(r, page)).toBeGreaterThanOrEqual(3);
    expect(f[0]).toBeGreaterThan(f[1]);
    expect(f[1]).toBeGreaterThan(f[2]);
    expect(r[2]).toBeGreaterThan(r[1]);
  });

  it.each([
    ['on the page', [page]],
    ['on rows', backgrounds],
  ] as const)('leave text readable at every level %s', (_where, over) => {
    const { ink, most } = limitShades(text, over, [f, r]);
    for (let level = 1; level <= SHADE_LEVELS; level++) {
      for (const hue of [f, r]) {
        for (const background of over) {
          const shade = mix(background, hue, (most * level) / SHADE_LEVELS);
          expect(contrastRatio(level > SHADE_LEVELS / 2 ? ink : text, shade)).toBeGreaterThanOrEqual(4.5);
        }
      }
    }
  });

  it('are clearly seen at the strong end, and still there on the way', () => {
    const { most } = limitShades(text, backgrounds, [f, r]);
    expect(contrastRatio(mix(page, f, most), page)).toBeGreaterThan(2);
    expect(contrastRatio(mix(page, r, most), page)).toBeGreaterThan(2);
    expect(contrastRatio(mix(page, f, most / 3), page)).toBeGreaterThan(1.1);
  });

  it('have an orange even where the theme names none', () => {
    const mixed = chooseHue([NONE, NONE, blend(theme.red, theme.yellow)], page, r)!;
    expect(contrastRatio(mixed, page)).toBeGreaterThanOrEqual(3);
  });
});

describe('a hue', () => {
  const white: Colour = [1, 1, 1];
  it('is not one that cannot be told from the other hue, has no colour, or is lost on the page', () => {
    const blue = colour('rgb(0, 99, 211)');
    const unfit = ['rgb(20, 80, 200)', 'rgb(120, 120, 120)', 'rgb(255, 235, 200)', 'rgba(200, 60, 0, 0.05)'];
    expect(chooseHue([...unfit, 'rgb(180, 70, 0)'], white, blue)).toEqual(colour('rgb(180, 70, 0)'));
  });

  it('is the first colour there is where none is fit, and none where there is none', () => {
    expect(chooseHue(['rgba(0, 0, 0, 0)', 'rgb(250, 250, 240)'], white, null)).toEqual(colour('rgb(250, 250, 240)'));
    expect(chooseHue(['rgba(0, 0, 0, 0)', ''], white, null)).toBeNull();
  });
});

/** The editor's colours as numbers: for canvases, and for how strong a shade may be. */
import { signal } from '@preact/signals';
import { parseColour, strongestShare, type Colour } from './text/contrast.js';

/** Counts the changes of theme; who draws reads it to draw again. */
export const themeVersion = signal(0);

/** Strongest share of a shade's hue over the editor's background. */
const MOST_SHADE = 0.5;

/**
 * Watches for the editor's theme and keeps `--shade-most` (and the same for a selected row) so that the text on any shade stays
 * readable.
 */
export function watchTheme(): void {
  const refresh = () => {
    limitShades();
    themeVersion.value++;
  };
  const observer = new MutationObserver(refresh);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style'] });
  matchMedia('(forced-colors: active)').addEventListener('change', refresh);
  refresh();
}

/** The value that a custom property has as a colour, e.g. `rgb(204, 204, 204)`. */
export function readColour(property: string): string {
  probe.style.color = `var(${property})`;
  probe.hidden = true;
  if (!probe.isConnected) document.body.append(probe);
  return getComputedStyle(probe).color;
}

const probe = document.createElement('span');

function limitShades(): void {
  const [text, page, f, r] = ['--reading-foreground', '--reading-background', '--hue-f', '--hue-r'].map((property) => parseColour(readColour(property)));
  if (!text || !page || !f || !r) return;
  const selected = parseColour(readColour('--selected-background'), page) ?? page;
  const most = (background: Colour) => Math.min(...[f, r].map((hue) => strongestShare(text, background, hue, MOST_SHADE)));
  setProperty('--shade-most', `${Math.floor(most(page) * 100)}%`);
  setProperty('--shade-most-selected', `${Math.floor(most(selected) * 100)}%`);
}

/** Setting a property is itself a change of style, which must not be watched in circles. */
function setProperty(name: string, value: string): void {
  const { style } = document.documentElement;
  if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
}

/** The editor's colours as numbers: for canvases, and for how strong a shade may be. */
import { signal } from '@preact/signals';
import { formatColour, parseColour } from './text/contrast.js';
import { blend, chooseHue, limitShades } from './text/shade-colours.js';

/** Counts the changes of theme; who draws reads it to draw again. */
export const themeVersion = signal(0);

/** Where a theme may have an orange. The default themes' own is translucent, and absent in high contrast. */
const ORANGES = ['--vscode-charts-orange', '--vscode-symbolIcon-eventForeground'];
const BLUES = ['--vscode-charts-blue', '--vscode-symbolIcon-variableForeground', '--vscode-textLink-foreground'];

/**
 * Watches for the editor's theme and keeps the two hues of the gap scale, the strength of their shades (on the page and
 * on a selected row) and the text's colour on them such that shades are seen and text stays readable.
 */
export function watchTheme(): void {
  const refresh = () => {
    setShades();
    themeVersion.value++;
  };
  const observer = new MutationObserver(refresh);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style'] });
  matchMedia('(forced-colors: active)').addEventListener('change', refresh);
  refresh();
}

/** The value that a custom property has as a colour, e.g. `rgb(204, 204, 204)`; transparent where it has none. */
export function readColour(property: string): string {
  probe.style.color = `var(${property}, transparent)`;
  probe.hidden = true;
  if (!probe.isConnected) document.body.append(probe);
  return getComputedStyle(probe).color;
}

const probe = document.createElement('span');

function setShades(): void {
  const [text, page] = ['--reading-foreground', '--reading-background'].map((property) => parseColour(readColour(property)));
  if (!text || !page) return;
  const r = chooseHue(BLUES.map(readColour), page, null);
  const mixed = blend(readColour('--vscode-charts-red'), readColour('--vscode-charts-yellow'));
  const f = chooseHue([...ORANGES.map(readColour), mixed], page, r);
  if (!f || !r) return;
  const rows = ['--selected-background', '--vscode-list-hoverBackground'].map((property) => parseColour(readColour(property), page) ?? page);
  const onPage = limitShades(text, [page], [f, r]);
  const onRows = limitShades(text, [page, ...rows], [f, r]);
  setProperty('--hue-f', formatColour(f));
  setProperty('--hue-r', formatColour(r));
  setProperty('--shade-ink', formatColour(onPage.ink));
  setProperty('--shade-most', `${Math.floor(onPage.most * 100)}%`);
  setProperty('--shade-most-selected', `${Math.floor(onRows.most * 100)}%`);
}

/** Setting a property is itself a change of style, which must not be watched in circles. */
function setProperty(name: string, value: string): void {
  const { style } = document.documentElement;
  if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
}

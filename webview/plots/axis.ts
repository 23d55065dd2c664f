import type uPlot from 'uplot';
import type { PlotColours } from './plot-colours.js';
import { asinhTicks, logTicks, shortenTick } from './ticks.js';

const FONT = '11px system-ui, sans-serif';

/** Keeps a scale's ends as they were set; the library would widen them to round numbers. */
export function asGiven(_plot: uPlot, min: number, max: number): [number, number] {
  return [min, max];
}

/** Room around the plotting area for half a tick label at its end (CSS pixels: top, right, bottom, left). */
export const PLOT_PADDING: uPlot.Padding = [10, 18, 0, 0];

/** An axis in the theme's colours, read anew at every drawing. A logarithmic one is of perplexities, none of which is below 1. */
export function plotAxis(label: string, kind: 'linear' | 'log' | 'asinh', colours: () => PlotColours): uPlot.Axis {
  return {
    label,
    labelSize: 16,
    labelGap: 0,
    size: 26,
    gap: 3,
    font: FONT,
    labelFont: FONT,
    stroke: () => colours().text,
    grid: { stroke: () => colours().grid, width: 1 },
    ticks: { stroke: () => colours().grid, width: 1, size: 4 },
    values: (_plot, splits) => splits.map((value) => (value === null ? '' : shortenTick(value))),
    ...(kind === 'linear'
      ? {}
      : {
          splits: (_plot, _axis, min, max) => (kind === 'log' ? logTicks(Math.max(1, min), max) : asinhTicks(min, max)),
          filter: (_plot, splits) => splits,
        }),
  };
}

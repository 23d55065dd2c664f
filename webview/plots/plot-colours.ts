/** The theme's colours, as a canvas wants them. */
import { LABEL_STATES, type LabelState } from '../state/view-settings.js';
import { readColour } from '../theme.js';

export interface PlotColours {
  readonly text: string;
  readonly grid: string;
  readonly selection: string;
  readonly focus: string;
  readonly noise: string;
  readonly labels: Readonly<Record<LabelState, string>>;
}

export function readPlotColours(): PlotColours {
  return {
    text: readColour('--plot-text'),
    grid: readColour('--plot-grid'),
    selection: readColour('--plot-selection'),
    focus: readColour('--plot-focus'),
    noise: readColour('--plot-noise'),
    labels: Object.fromEntries(LABEL_STATES.map((label) => [label, readColour(`--label-${label}`)])) as Record<LabelState, string>,
  };
}

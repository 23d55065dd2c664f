import { LABEL_NAMES } from '../state/names.js';
import { LABEL_STATES } from '../state/view-settings.js';
import { LabelMark } from '../widgets/label-mark.js';
import { Histogram } from './histogram.js';
import { Scatter } from './scatter.js';

/** The strip with both plots. */
export function Plots() {
  return (
    <section class="plots" id="plots" aria-label="Plots">
      <Scatter />
      <Histogram />
      <ul class="plot-legend" aria-label="Shapes by label">
        {LABEL_STATES.map((label) => (
          <li key={label}>
            <LabelMark label={label} decorative /> {LABEL_NAMES[label]}
          </li>
        ))}
        <li class="dim plot-help">Drag to filter, click a dot to read it.</li>
      </ul>
    </section>
  );
}

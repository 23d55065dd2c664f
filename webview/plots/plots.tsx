import { LABEL_STATE_NAMES } from '../state/names.js';
import { LABEL_STATES } from '../state/view-settings.js';
import { countOf } from '../../src/text/numbers.js';
import { usePage } from '../widgets/context.js';
import { LabelMark } from '../widgets/label-mark.js';
import { Histogram } from './histogram.js';
import { Scatter } from './scatter.js';

/** Both plots. Scrolls where they are higher than the panel, and so takes the focus. */
export function Plots() {
  const noise = usePage().state.noiseFloor.value?.length ?? 0;
  return (
    <section class="plots" id="plots" aria-label="Plots" tabIndex={0}>
      <Scatter />
      <Histogram />
      <ul class="plot-legend" aria-label="Shapes by label">
        {LABEL_STATES.map((label) => (
          <li key={label}>
            <LabelMark label={label} decorative /> {LABEL_STATE_NAMES[label]}
          </li>
        ))}
        {noise > 0 && (
          <li title="The reference in the finetuned model’s place, against another quantisation of itself, scaled to as many completions: what does not rise above it says nothing.">
            <span class="noise-mark" aria-hidden="true" /> Noise floor <span class="dim">({countOf(noise, 'completion')})</span>
          </li>
        )}
        <li class="dim plot-help">Drag to filter, click a dot to read it.</li>
      </ul>
    </section>
  );
}

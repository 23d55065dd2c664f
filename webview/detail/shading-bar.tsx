import { useId } from 'preact/hooks';
import { SHADE_LEVELS, shadeClass, shadeLevel, type GapScale } from '../text/gap-shade.js';
import { formatFixed } from '../text/numbers.js';
import { Checkbox } from '../widgets/checkbox.js';
import { usePage } from '../widgets/context.js';

const STEPS_PER_SIDE = 8;

/** The legend in real numbers, and how tokens are shaded. */
export function ShadingBar({ scale }: { scale: GapScale }) {
  const { state, commands } = usePage();
  const settings = state.settings.value;
  const slider = useId();
  const origin = settings.localScale
    ? 'Strongest at the largest gap of this completion.'
    : 'Shared by all completions: strongest at the 99th percentile of their peak gaps, rounded up.';
  return (
    <div class="shading-bar" role="group" aria-label="Shading of tokens">
      <Legend scale={scale} title={origin} />
      <span class="threshold">
        <label for={slider}>Hide below</label>
        <input
          id={slider}
          type="range"
          min={0}
          max={3}
          step={0.1}
          value={settings.threshold}
          aria-valuetext={`${formatFixed(settings.threshold, 1)} nats`}
          onInput={(event) => state.change({ threshold: Number(event.currentTarget.value) })}
        />
        <output for={slider}>{formatFixed(settings.threshold, 1)} nats</output>
      </span>
      <span class="shading-toggles">
        <Checkbox checked={settings.printValues} title="Print the largest gaps after their tokens (V)" onChange={() => commands.toggle('printValues')}>
          Values
        </Checkbox>
        <Checkbox checked={settings.localScale} title={`Scale the shades to each completion by itself (L). ${origin}`} onChange={() => commands.toggle('localScale')}>
          Own scale
        </Checkbox>
      </span>
    </div>
  );
}

function Legend({ scale, title }: { scale: GapScale; title: string }) {
  const steps = Array.from({ length: STEPS_PER_SIDE }, (_, i) => ((i + 1) / STEPS_PER_SIDE) * scale.max);
  const swatch = (gap: number) => <span key={gap} class={`swatch token ${shadeClass(shadeLevel(gap, scale))}`} />;
  const maximum = formatFixed(scale.max, Number.isInteger(scale.max) ? 0 : 1);
  return (
    <span
      class="legend"
      title={title}
      role="img"
      aria-label={`Shades from minus ${maximum} nats, liked more by the reference, dotted underline, to plus ${maximum} nats, liked more by the finetuned model, solid underline, in ${SHADE_LEVELS} steps each. ${title}`}
    >
      <span class="legend-end">R likes more</span>
      <span class="legend-number">−{maximum}</span>
      <span class="swatches">
        {steps.toReversed().map((gap) => swatch(-gap))}
        <span class="swatch-zero" />
        {steps.map(swatch)}
      </span>
      <span class="legend-number">+{maximum} nats</span>
      <span class="legend-end">F likes more</span>
    </span>
  );
}

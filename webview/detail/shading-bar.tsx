import { useId } from 'preact/hooks';
import { SHADE_LEVELS, type GapScale } from '../../src/text/gap-shade.js';
import { gapShareOf } from '../text/gap-shade.js';
import { SHADE_SCALE_TEXTS } from '../state/names.js';
import { MOST_THRESHOLD, SHADE_SCALES, THRESHOLD_STEP, type ShadeScale } from '../state/view-settings.js';
import { formatFixed } from '../../src/text/numbers.js';
import type { PageCommandName } from '../../src/messages/page-commands.js';
import { usePage } from '../widgets/context.js';
import { Dropdown } from '../widgets/dropdown.js';
import { Icon } from '../widgets/icon.js';
import { withKey } from '../page-keys.js';

const STOPS = 4;
const SCALE_OPTIONS = SHADE_SCALES.map((scale) => ({ value: scale, text: SHADE_SCALE_TEXTS[scale].name, title: SHADE_SCALE_TEXTS[scale].explanation }));

/** The legend in real numbers, and how tokens are shaded. */
export function ShadingBar({ scale }: { scale: GapScale }) {
  const { state } = usePage();
  const settings = state.settings.value;
  const slider = useId();
  const origin = `Shades are ${SHADE_SCALE_TEXTS[settings.shadeScale].explanation}`;
  return (
    <div class="shading-bar" role="group" aria-label="Shading of tokens">
      <Legend scale={scale} title={origin} />
      <Dropdown
        label="Scale of the shades"
        title={withKey(origin, 'ownScale')}
        value={settings.shadeScale}
        options={SCALE_OPTIONS}
        onChange={(shadeScale) => state.change({ shadeScale: shadeScale as ShadeScale })}
      />
      <span class="threshold">
        <label for={slider}>Hide below</label>
        <input
          id={slider}
          type="range"
          min={0}
          max={MOST_THRESHOLD}
          step={THRESHOLD_STEP}
          title="Gaps below this are not shaded ([ and ])"
          value={settings.threshold}
          aria-valuetext={`${formatFixed(settings.threshold, 1)} nats`}
          onInput={(event) => state.change({ threshold: Number(event.currentTarget.value) })}
        />
        <output for={slider}>{formatFixed(settings.threshold, 1)} nats</output>
      </span>
      <span class="shading-toggles">
        <Toggle
          setting="printValues"
          text="Values"
          icon="symbol-numeric"
          title="Print the largest gaps after their tokens, across tokenizers after their segments"
          command="values"
        />
        <Toggle
          setting="showBoundaries"
          text="Token boundaries"
          icon="whole-word"
          title="Show token boundaries: marks above the text where F’s tokens begin, below it where R’s do"
          command="boundaries"
        />
      </span>
      {settings.showBoundaries && (
        <span class="boundary-legend">
          <span class="boundary-sample f" aria-hidden="true" /> F above <span class="boundary-sample r" aria-hidden="true" /> R below
        </span>
      )}
    </div>
  );
}

interface ToggleProps {
  readonly setting: 'printValues' | 'showBoundaries';
  readonly text: string;
  readonly icon: string;
  readonly title: string;
  readonly command: PageCommandName;
}

/** Its text shows where there is room. */
function Toggle({ setting, text, icon, title, command }: ToggleProps) {
  const { state, commands } = usePage();
  const isOn = state.settings.value[setting];
  return (
    <button
      class={`icon-button ${isOn ? 'on' : ''}`}
      role="checkbox"
      aria-checked={isOn}
      aria-label={text}
      title={withKey(title, command)}
      onClick={() => commands.toggle(setting)}
    >
      <Icon name={icon} /> <span class="toggle-text">{text}</span>
    </button>
  );
}

function Legend({ scale, title }: { scale: GapScale; title: string }) {
  const maximum = formatFixed(scale.max, Number.isInteger(scale.max) ? 0 : 1);
  const hidden = `${Math.min(1, scale.threshold / scale.max) * 50}%`;
  return (
    <span
      class="legend"
      title={title}
      role="img"
      aria-label={`Shades from minus ${maximum} nats, liked more by the reference, dotted underline, to plus ${maximum} nats, liked more by the finetuned model, solid underline, in ${SHADE_LEVELS} steps each. ${title}`}
    >
      <span class="legend-end">
        R<span class="legend-more"> likes more</span>
      </span>
      <span class="legend-number">−{maximum}</span>
      <span class="legend-bar" style={{ '--hidden': hidden, '--stops-r': shadeStops('r'), '--stops-f': shadeStops('f') }} />
      <span class="legend-number">+{maximum} nats</span>
      <span class="legend-end">
        F<span class="legend-more"> likes more</span>
      </span>
    </span>
  );
}

/** Colour stops from no gap to the largest: as many as it takes to show that small gaps are lifted. */
function shadeStops(side: 'f' | 'r'): string {
  return Array.from({ length: STOPS + 1 }, (_, i) => {
    const strength = i / STOPS;
    return `color-mix(in srgb, var(--hue-${side}) calc(var(--shade-most) * ${strength}), transparent) ${(gapShareOf(strength) * 100).toFixed(1)}%`;
  }).join(', ');
}

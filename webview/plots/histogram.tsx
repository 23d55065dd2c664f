import { SCORE_DEFINITIONS } from '../../src/audit/scores.js';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { summariseNoiseFloor, type NoiseFloorSummary } from '../../src/analysis/noise-floor.js';
import { LABEL_STATE_NAMES } from '../state/names.js';
import { LABEL_STATES } from '../state/view-settings.js';
import { formatScore } from '../text/numbers.js';
import { countOf } from '../../src/text/numbers.js';
import { themeVersion } from '../theme.js';
import { usePage } from '../widgets/context.js';
import { useSettled } from '../widgets/settled.js';
import { binScores, weighNoise, type Bin } from './bins.js';
import { useElementSize } from './element-size.js';
import { HistogramPlot } from './histogram-plot.js';
import { readPlotColours } from './plot-colours.js';

const BINS = 48;
/** Milliseconds. */
const DRAW_WAIT = 80;

export function Histogram() {
  const { state } = usePage();
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<HistogramPlot>(null);
  const [hovered, setHovered] = useState<Bin | null>(null);
  const score = state.score.value;
  const list = useSettled(state.list.value, DRAW_WAIT);
  const completions = useSettled(state.completions.value, DRAW_WAIT);
  const judgements = useSettled(state.judgements.inForce.value, DRAW_WAIT);
  const noiseFloor = useSettled(state.noiseFloor.value, DRAW_WAIT);
  const framing = state.framing.value;
  const theme = themeVersion.value;
  const bins = useMemo(() => {
    const shown = new Set(list.map(({ id }) => id));
    const values = completions.map(({ id, scores }) => ({
      value: scores[score],
      label: judgements.get(id)?.label ?? ('unlabelled' as const),
      shown: shown.has(id),
    }));
    return binScores(values, SCORE_DEFINITIONS[score].axis, BINS, weighNoise(completions, noiseFloor, score, framing));
  }, [completions, list, judgements, score, framing, noiseFloor]);
  const floor = useMemo(() => summariseNoiseFloor(noiseFloor ?? [], score, framing === 'all' ? undefined : framing), [noiseFloor, score, framing]);
  const { score: range } = state.filter.value;
  const brush = range?.name === score ? range : null;
  const selected = useSettled(state.selected.value?.scores[score] ?? null, DRAW_WAIT);
  const { name, unit } = SCORE_DEFINITIONS[score];
  const title = unit === '' ? name : `${name} (${unit})`;

  useEffect(() => {
    plot.current = new HistogramPlot(container.current!, SCORE_DEFINITIONS[score].axis, title, readPlotColours(), {
      onBrush: ({ min, max }) => state.changeFilter({ score: { name: score, min, max } }),
      onHover: setHovered,
    });
    return () => plot.current?.destroy();
  }, [score]);
  useEffect(() => plot.current?.update({ bins, brush, selected, noiseLimit: floor?.p99 ?? null }), [bins, brush, selected, floor]);
  useEffect(() => plot.current?.recolour(readPlotColours()), [theme]);
  useElementSize(container, (width, height) => plot.current?.resize(width, height));

  return (
    <figure class="plot">
      <div
        ref={container}
        class="plot-canvas"
        role="img"
        aria-label={[
          describeBins(bins, title, (value) => formatScore(score, value)),
          ...(floor ? [describeNoise(floor, (value) => formatScore(score, value))] : []),
        ].join(' ')}
      />
      <figcaption class="plot-readout" aria-hidden="true">
        {hovered && hovered.total > 0 && `${formatScore(score, hovered.from)} to ${formatScore(score, hovered.to)}: ${describeBin(hovered)}`}
      </figcaption>
    </figure>
  );
}

function describeBin(bin: Bin): string {
  const labels = LABEL_STATES.filter((label) => label !== 'unlabelled' && bin.shown[label] > 0).map(
    (label) => `${bin.shown[label]} ${LABEL_STATE_NAMES[label].toLowerCase()}`,
  );
  return [countOf(bin.total, 'completion'), ...labels].join(', ');
}

/** The distribution in a sentence: its span, and where most of it is. */
function describeBins(bins: readonly Bin[], title: string, format: (value: number) => string): string {
  const [first] = bins;
  if (!first) return `${title}: no completions yet.`;
  const total = bins.reduce((sum, bin) => sum + bin.total, 0);
  const fullest = bins.reduce((best, bin) => (bin.total > best.total ? bin : best));
  return `Distribution of ${title} over ${countOf(total, 'completion')}, from ${format(first.from)} to ${format(bins.at(-1)!.to)}; most, ${fullest.total}, between ${format(fullest.from)} and ${format(fullest.to)}.`;
}

function describeNoise({ count, p99, max }: NoiseFloorSummary, format: (value: number) => string): string {
  return `Noise floor, measured with ${countOf(count, 'completion')}: 99 % are not above ${format(p99)}, the highest is ${format(max)}.`;
}

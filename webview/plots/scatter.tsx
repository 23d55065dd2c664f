import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatPerplexity } from '../text/numbers.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { themeVersion } from '../theme.js';
import { usePage } from '../widgets/context.js';
import { useSettled } from '../widgets/settled.js';
import { readPlotColours } from './plot-colours.js';
import { describePoints, plotPoints, type PlotPoint } from './plot-data.js';
import { ScatterPlot } from './scatter-plot.js';
import { useElementSize } from './element-size.js';
import { readableText } from '../text/two-texts.js';

/** Milliseconds. */
const DRAW_WAIT = 80;

export function Scatter() {
  const { state } = usePage();
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<ScatterPlot>(null);
  const [hovered, setHovered] = useState<PlotPoint | null>(null);
  const list = useSettled(state.list.value, DRAW_WAIT);
  const completions = useSettled(state.completions.value, DRAW_WAIT);
  const judgements = useSettled(state.judgements.inForce.value, DRAW_WAIT);
  const points = useMemo(() => plotPoints(completions, list, judgements), [completions, list, judgements]);
  const { perplexityFinetuned: brushF, perplexityReference: brushR } = state.filter.value;
  const selectedId = useSettled(state.selectedId.value, DRAW_WAIT);
  const theme = themeVersion.value;
  const sameTokenizer = state.sameTokenizer.value;

  useEffect(() => {
    plot.current = new ScatterPlot(container.current!, axisNames(sameTokenizer), readPlotColours(), {
      onBrush: (finetuned, reference) =>
        state.changeFilter({
          perplexityFinetuned: finetuned.min === null ? null : finetuned,
          perplexityReference: reference.min === null ? null : reference,
        }),
      onPick: (id) => state.select(id),
      onHover: setHovered,
    });
    return () => plot.current?.destroy();
  }, [sameTokenizer]);
  useEffect(() => plot.current?.update({ points, selectedId, brushF, brushR }), [points, selectedId, brushF, brushR, sameTokenizer]);
  useEffect(() => plot.current?.recolour(readPlotColours()), [theme]);
  useElementSize(container, (width, height) => plot.current?.resize(width, height));

  return (
    <figure class="plot">
      <div ref={container} class="plot-canvas" role="img" aria-label={describePoints(points, sameTokenizer)} />
      <figcaption class="plot-readout" aria-hidden="true">
        {hovered && (
          <>
            {state.nameOf.value(hovered.completion.id)} · F {formatPerplexity(hovered.perplexityFinetuned)} · R {formatPerplexity(hovered.perplexityReference)}{' '}
            · <span class="token">{visibleLine(readableText(hovered.completion).slice(0, 80))}</span>
          </>
        )}
      </figcaption>
    </figure>
  );
}

function axisNames(sameTokenizer: boolean): { finetuned: string; reference: string } {
  return sameTokenizer ? { finetuned: 'PPL of F', reference: 'PPL of R' } : { finetuned: 'PPL of F, own tokens', reference: 'PPL of R, own tokens' };
}

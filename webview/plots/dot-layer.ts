/** The scatter plot's dots as a picture of their own, so that moving the selection does not draw ten thousand of them. */
import { LABEL_STATES } from '../state/view-settings.js';
import type { PlotColours } from './plot-colours.js';
import type { PlotPoint } from './plot-data.js';
import { drawDots, type Dot } from './shapes.js';

/** Everything that the picture depends on. Lengths in canvas pixels. */
export interface DotLayout {
  readonly points: readonly PlotPoint[];
  readonly colours: PlotColours;
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
}

export class DotLayer {
  #drawn: { readonly layout: DotLayout; readonly picture: OffscreenCanvas } | null = null;

  /** The picture of a layout; drawn only where it differs from the last one. */
  picture(layout: DotLayout, place: (point: PlotPoint) => Dot): OffscreenCanvas {
    const last = this.#drawn;
    if (last && (Object.keys(layout) as (keyof DotLayout)[]).every((key) => layout[key] === last.layout[key])) return last.picture;
    const picture = new OffscreenCanvas(Math.max(1, layout.width), Math.max(1, layout.height));
    drawLabels(picture.getContext('2d')!, layout, place);
    this.#drawn = { layout, picture };
    return picture;
  }
}

/** What is filtered away lies faintly beneath the rest; labelled dots lie on top. */
function drawLabels(context: OffscreenCanvasRenderingContext2D, { points, colours, pixelRatio }: DotLayout, place: (point: PlotPoint) => Dot): void {
  const size = (points.length > 2000 ? 2 : points.length > 500 ? 2.5 : 3) * pixelRatio;
  for (const shown of [false, true]) {
    for (const label of LABEL_STATES.toReversed()) {
      context.globalAlpha = !shown ? 0.18 : label === 'unlabelled' ? 0.6 : 1;
      const dots = points.filter((point) => point.shown === shown && point.label === label).map(place);
      drawDots(context, dots, label, label === 'unlabelled' ? size : size * 1.3, colours.labels[label]);
    }
  }
}

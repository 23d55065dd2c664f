/** PPL of R against PPL of F, one dot a completion. A brush is a filter, a click selects. */
import uPlot from 'uplot';
import type { NumberRange } from '../state/view-settings.js';
import { DotLayer } from './dot-layer.js';
import type { PlotColours } from './plot-colours.js';
import { logRange, type PlotPoint } from './plot-data.js';
import { asGiven, PLOT_PADDING, plotAxis } from './axis.js';

export interface ScatterView {
  readonly points: readonly PlotPoint[];
  readonly selectedId: number | null;
  readonly brushF: NumberRange | null;
  readonly brushR: NumberRange | null;
}

export interface ScatterListener {
  onBrush(finetuned: NumberRange, reference: NumberRange): void;
  onPick(id: number): void;
  /** Null where no dot is near. */
  onHover(point: PlotPoint | null): void;
}

/** A dot this near to the pointer is meant (CSS pixels). */
const REACH = 12;

export class ScatterPlot {
  readonly #plot: uPlot;
  readonly #dots = new DotLayer();
  #view: ScatterView = { points: [], selectedId: null, brushF: null, brushR: null };

  constructor(
    container: HTMLElement,
    axes: { readonly finetuned: string; readonly reference: string },
    private colours: PlotColours,
    private readonly listener: ScatterListener,
  ) {
    this.#plot = new uPlot(
      {
        width: Math.max(80, container.clientWidth),
        height: Math.max(80, container.clientHeight),
        padding: PLOT_PADDING,
        legend: { show: false },
        scales: {
          x: { time: false, distr: 3, auto: false, range: asGiven },
          y: { distr: 3, auto: false, range: asGiven },
        },
        axes: [plotAxis(axes.finetuned, 'log', () => this.colours), { ...plotAxis(axes.reference, 'log', () => this.colours), size: 44 }],
        series: [{}, { paths: () => null, points: { show: false } }],
        cursor: { points: { show: false }, drag: { x: true, y: true, setScale: false, dist: 5 } },
        hooks: { draw: [() => this.#draw()], setSelect: [() => this.#brushed()] },
      },
      // The dots are drawn here, not by the library: it only needs to have something.
      [[1], [1]],
      container,
    );
    this.#plot.over.addEventListener('mousemove', (event) => listener.onHover(this.#nearest(event)));
    this.#plot.over.addEventListener('mouseleave', () => listener.onHover(null));
    this.#plot.over.addEventListener('click', (event) => {
      const point = this.#nearest(event);
      if (point) listener.onPick(point.completion.id);
    });
  }

  update(view: ScatterView): void {
    this.#view = view;
    const [fromF, toF] = logRange(view.points.map((point) => point.perplexityFinetuned));
    const [fromR, toR] = logRange(view.points.map((point) => point.perplexityReference));
    this.#plot.batch(() => {
      this.#plot.setScale('x', { min: fromF, max: toF });
      this.#plot.setScale('y', { min: fromR, max: toR });
    });
    this.#plot.redraw(false, false);
  }

  recolour(colours: PlotColours): void {
    this.colours = colours;
    this.#plot.redraw(false, true);
  }

  resize(width: number, height: number): void {
    this.#plot.setSize({ width, height });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #draw(): void {
    const { ctx: context, bbox } = this.#plot;
    context.save();
    context.beginPath();
    context.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    context.clip();
    this.#drawDiagonal(context);
    this.#drawBrush(context);
    this.#drawPoints(context);
    context.restore();
  }

  /** Where both models are equally surprised. */
  #drawDiagonal(context: CanvasRenderingContext2D): void {
    const [low, high] = [1e-6, 1e9];
    context.strokeStyle = this.colours.text;
    context.globalAlpha = 0.6;
    context.lineWidth = devicePixelRatio;
    context.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    context.beginPath();
    context.moveTo(this.#x(low), this.#y(low));
    context.lineTo(this.#x(high), this.#y(high));
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  #drawBrush(context: CanvasRenderingContext2D): void {
    const { brushF, brushR } = this.#view;
    if (!brushF && !brushR) return;
    const { left, top, width, height } = this.#plot.bbox;
    const x0 = brushF?.min == null ? left : this.#x(brushF.min);
    const x1 = brushF?.max == null ? left + width : this.#x(brushF.max);
    const y1 = brushR?.min == null ? top + height : this.#y(brushR.min);
    const y0 = brushR?.max == null ? top : this.#y(brushR.max);
    context.fillStyle = this.colours.selection;
    context.globalAlpha = 0.35;
    context.fillRect(x0, y0, x1 - x0, y1 - y0);
    context.globalAlpha = 1;
    context.strokeStyle = this.colours.focus;
    context.lineWidth = devicePixelRatio;
    context.strokeRect(x0, y0, x1 - x0, y1 - y0);
  }

  #drawPoints(context: CanvasRenderingContext2D): void {
    const { points, selectedId } = this.#view;
    const place = (point: PlotPoint) => ({ x: this.#x(point.perplexityFinetuned), y: this.#y(point.perplexityReference) });
    const { width, height } = context.canvas;
    context.drawImage(this.#dots.picture({ points, colours: this.colours, width, height, pixelRatio: devicePixelRatio }, place), 0, 0);
    const selected = points.find((point) => point.completion.id === selectedId);
    if (!selected) return;
    const { x, y } = place(selected);
    context.strokeStyle = this.colours.focus;
    context.lineWidth = 2 * devicePixelRatio;
    context.beginPath();
    context.arc(x, y, 8 * devicePixelRatio, 0, 2 * Math.PI);
    context.stroke();
  }

  #brushed(): void {
    const { left, top, width, height } = this.#plot.select;
    if (width === 0 && height === 0) return;
    const at = (position: number, scale: 'x' | 'y') => this.#plot.posToVal(position, scale);
    // A drag along one axis leaves the other open to its full extent.
    const fullX = width === 0 || width >= this.#plot.over.clientWidth;
    const fullY = height === 0 || height >= this.#plot.over.clientHeight;
    const open = { min: null, max: null };
    this.listener.onBrush(fullX ? open : { min: at(left, 'x'), max: at(left + width, 'x') }, fullY ? open : { min: at(top + height, 'y'), max: at(top, 'y') });
    this.#plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  #nearest(event: MouseEvent): PlotPoint | null {
    const { left, top } = this.#plot.over.getBoundingClientRect();
    let best: PlotPoint | null = null;
    let distance = REACH;
    for (const point of this.#view.points) {
      const x = this.#plot.valToPos(point.perplexityFinetuned, 'x') - (event.clientX - left);
      const y = this.#plot.valToPos(point.perplexityReference, 'y') - (event.clientY - top);
      const away = Math.hypot(x, y) + (point.shown ? 0 : REACH / 2);
      if (away < distance) [best, distance] = [point, away];
    }
    return best;
  }

  #x(value: number): number {
    return this.#plot.valToPos(value, 'x', true);
  }

  #y(value: number): number {
    return this.#plot.valToPos(value, 'y', true);
  }
}

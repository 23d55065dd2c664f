/** The distribution of the score, stacked by label. A brush is a filter. */
import uPlot from 'uplot';
import { LABEL_STATES, type NumberRange } from '../state/view-settings.js';
import { asGiven, PLOT_PADDING, plotAxis } from './axis.js';
import { axisRange, type AxisKind, type Bin } from './bins.js';
import { drawNoiseFloor } from './noise-layer.js';
import type { PlotColours } from './plot-colours.js';

export interface HistogramView {
  readonly bins: readonly Bin[];
  readonly brush: NumberRange | null;
  /** Where the selected completion is. */
  readonly selected: number | null;
  /** Score that 99 % of the noise floor do not exceed. */
  readonly noiseLimit: number | null;
}

export interface HistogramListener {
  onBrush(range: NumberRange): void;
  onHover(bin: Bin | null): void;
}

const COUNT_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

export class HistogramPlot {
  readonly #plot: uPlot;
  #view: HistogramView = { bins: [], brush: null, selected: null, noiseLimit: null };

  constructor(
    container: HTMLElement,
    private readonly axis: AxisKind,
    name: string,
    private colours: PlotColours,
    private readonly listener: HistogramListener,
  ) {
    this.#plot = new uPlot(
      {
        width: Math.max(80, container.clientWidth),
        height: Math.max(80, container.clientHeight),
        padding: PLOT_PADDING,
        legend: { show: false },
        scales: {
          x: {
            time: false,
            ...(axis === 'asinh' ? { distr: 4 as const, asinh: 1 } : {}),
            auto: false,
            range: asGiven,
          },
          y: { auto: false, range: asGiven },
        },
        axes: [plotAxis(name, axis, () => this.colours), { ...plotAxis('Completions', 'linear', () => this.colours), size: 44, incrs: COUNT_STEPS }],
        series: [{}, { paths: () => null, points: { show: false } }],
        cursor: { points: { show: false }, y: false, drag: { x: true, y: false, setScale: false, dist: 5 } },
        hooks: { draw: [() => this.#draw()], setSelect: [() => this.#brushed()] },
      },
      [
        [0, 1],
        [0, 1],
      ],
      container,
    );
    this.#plot.over.addEventListener('mousemove', (event) => {
      const value = this.#plot.posToVal(event.clientX - this.#plot.over.getBoundingClientRect().left, 'x');
      listener.onHover(this.#view.bins.find(({ from, to }) => value >= from && value < to) ?? null);
    });
    this.#plot.over.addEventListener('mouseleave', () => listener.onHover(null));
  }

  update(view: HistogramView): void {
    this.#view = view;
    const { bins } = view;
    this.#plot.batch(() => {
      const [min, max] = axisRange(bins, this.axis);
      this.#plot.setScale('x', { min, max });
      // A noise floor is narrow, hence high: it may be cut, the completions may not.
      const highest = Math.max(1, ...bins.map(({ total }) => total));
      const highestNoise = Math.max(0, ...bins.map(({ noise }) => noise));
      this.#plot.setScale('y', { min: 0, max: Math.max(highest, Math.min(highestNoise, 1.6 * highest)) * 1.08 });
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
    this.#drawBrush(context);
    for (const bin of this.#view.bins) this.#drawBin(context, bin);
    drawNoiseFloor(
      context,
      this.#view,
      { x: (value) => this.#x(value), y: (count) => this.#y(count), top: bbox.top, right: bbox.left + bbox.width, height: bbox.height },
      this.colours,
    );
    this.#drawSelected(context);
    context.restore();
  }

  #drawBin(context: CanvasRenderingContext2D, bin: Bin): void {
    if (bin.total === 0) return;
    const left = this.#x(bin.from);
    const width = Math.max(1, this.#x(bin.to) - left - devicePixelRatio);
    const floor = this.#y(0);
    context.globalAlpha = 0.18;
    context.fillStyle = this.colours.labels.unlabelled;
    context.fillRect(left, this.#y(bin.total), width, floor - this.#y(bin.total));
    let top = floor;
    for (const label of LABEL_STATES) {
      if (bin.shown[label] === 0) continue;
      // One hit among a thousand must still be seen.
      const height = Math.max(2 * devicePixelRatio, floor - this.#y(bin.shown[label]));
      context.globalAlpha = label === 'unlabelled' ? 0.55 : 1;
      context.fillStyle = this.colours.labels[label];
      context.fillRect(left, top - height, width, height);
      top -= height;
    }
    context.globalAlpha = 1;
  }

  #drawBrush(context: CanvasRenderingContext2D): void {
    const { brush } = this.#view;
    if (!brush) return;
    const { left, top, width, height } = this.#plot.bbox;
    const from = brush.min === null ? left : this.#x(brush.min);
    const to = brush.max === null ? left + width : this.#x(brush.max);
    context.fillStyle = this.colours.selection;
    context.globalAlpha = 0.35;
    context.fillRect(from, top, to - from, height);
    context.globalAlpha = 1;
    context.strokeStyle = this.colours.focus;
    context.lineWidth = devicePixelRatio;
    context.strokeRect(from, top, to - from, height);
  }

  #drawSelected(context: CanvasRenderingContext2D): void {
    const { selected } = this.#view;
    if (selected === null) return;
    const x = this.#x(selected);
    const { top, height } = this.#plot.bbox;
    context.strokeStyle = this.colours.focus;
    context.lineWidth = 2 * devicePixelRatio;
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, top + height);
    context.stroke();
  }

  #brushed(): void {
    const { left, width } = this.#plot.select;
    if (width === 0) return;
    this.listener.onBrush({ min: this.#plot.posToVal(left, 'x'), max: this.#plot.posToVal(left + width, 'x') });
    this.#plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  #x(value: number): number {
    return this.#plot.valToPos(value, 'x', true);
  }

  #y(value: number): number {
    return this.#plot.valToPos(value, 'y', true);
  }
}

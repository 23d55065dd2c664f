/** The noise floor over the distribution of the score: a hatched outline, and the line that nearly all of it is below. */
import type { Bin } from './bins.js';
import type { PlotColours } from './plot-colours.js';

export interface NoiseView {
  readonly bins: readonly Bin[];
  readonly noiseLimit: number | null;
}

/** From scores and counts to canvas pixels. */
export interface NoisePlace {
  readonly x: (value: number) => number;
  readonly y: (count: number) => number;
  readonly top: number;
  readonly right: number;
  readonly height: number;
}

const LIMIT_TEXT = 'noise floor 99 %';
/** CSS pixels between two lines of the hatching. */
const HATCH = 5;

export function drawNoiseFloor(context: CanvasRenderingContext2D, view: NoiseView, place: NoisePlace, colours: PlotColours): void {
  const noisy = view.bins.filter(({ noise }) => noise > 0);
  if (noisy.length === 0) return;
  context.save();
  context.strokeStyle = colours.noise;
  context.lineWidth = devicePixelRatio;
  const outline = outlineOf(view.bins, place);
  context.save();
  context.clip(outline);
  context.globalAlpha = 0.55;
  hatch(context, place, place.x(noisy[0]!.from), place.x(noisy.at(-1)!.to));
  context.restore();
  context.lineWidth = 1.25 * devicePixelRatio;
  context.stroke(outline);
  if (view.noiseLimit !== null) drawLimit(context, place, place.x(view.noiseLimit), colours);
  context.restore();
}

function outlineOf(bins: readonly Bin[], { x, y }: NoisePlace): Path2D {
  const path = new Path2D();
  let before = 0;
  for (const { from, to, noise } of bins) {
    if (before === 0 && noise > 0) path.moveTo(x(from), y(0));
    if (before > 0 || noise > 0) path.lineTo(x(from), y(noise));
    if (noise > 0) path.lineTo(x(to), y(noise));
    before = noise;
  }
  const last = bins.at(-1)!;
  if (last.noise > 0) path.lineTo(x(last.to), y(0));
  return path;
}

function hatch(context: CanvasRenderingContext2D, { top, height }: NoisePlace, from: number, to: number): void {
  context.beginPath();
  for (let x = from - height; x < to; x += HATCH * devicePixelRatio) {
    context.moveTo(x, top + height);
    context.lineTo(x + height, top);
  }
  context.stroke();
}

function drawLimit(context: CanvasRenderingContext2D, { top, right, height }: NoisePlace, x: number, colours: PlotColours): void {
  context.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  context.lineWidth = 1.5 * devicePixelRatio;
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, top + height);
  context.stroke();
  context.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  context.fillStyle = colours.text;
  context.textBaseline = 'top';
  const away = 6 * devicePixelRatio;
  const fits = x + away + context.measureText(LIMIT_TEXT).width <= right;
  context.textAlign = fits ? 'left' : 'right';
  context.fillText(LIMIT_TEXT, fits ? x + away : x - away, top + 2 * devicePixelRatio);
}

/** One shape per label, as in the rows: circle, cross, triangle, diamond. */
import type { LabelState } from '../state/view-settings.js';

export interface Dot {
  readonly x: number;
  readonly y: number;
}

/** Thousands of circles take a canvas a tenth of a second; squares of their size look the same and take none. */
const MOST_CIRCLES = 2000;

/** Draws dots of one label. Lengths in canvas pixels. */
export function drawDots(context: OffscreenCanvasRenderingContext2D, dots: readonly Dot[], label: LabelState, size: number, colour: string): void {
  if (dots.length === 0) return;
  if (label === 'unlabelled' && dots.length > MOST_CIRCLES) {
    context.fillStyle = colour;
    const side = Math.round(size * 1.5);
    for (const { x, y } of dots) context.fillRect(Math.round(x - side / 2), Math.round(y - side / 2), side, side);
    return;
  }
  const reach = Math.ceil(size * 2);
  const stamp = new OffscreenCanvas(2 * reach, 2 * reach);
  drawShape(stamp.getContext('2d')!, label, reach, size, colour);
  for (const { x, y } of dots) context.drawImage(stamp, x - reach, y - reach);
}

function drawShape(context: OffscreenCanvasRenderingContext2D, label: LabelState, centre: number, size: number, colour: string): void {
  context.beginPath();
  SHAPES[label](context, centre, centre, size);
  if (label === 'unlabelled' || label === 'revealing') {
    context.fillStyle = colour;
    context.fill();
  } else {
    context.strokeStyle = colour;
    context.lineWidth = size / 2.4;
    context.stroke();
  }
}

const SHAPES: Readonly<Record<LabelState, (context: OffscreenCanvasRenderingContext2D, x: number, y: number, size: number) => void>> = {
  unlabelled(context, x, y, size) {
    context.moveTo(x + size * 0.8, y);
    context.arc(x, y, size * 0.8, 0, 2 * Math.PI);
  },
  notRevealing(context, x, y, size) {
    context.moveTo(x - size, y - size);
    context.lineTo(x + size, y + size);
    context.moveTo(x + size, y - size);
    context.lineTo(x - size, y + size);
  },
  unsure(context, x, y, size) {
    context.moveTo(x, y - size * 1.2);
    context.lineTo(x + size * 1.2, y + size);
    context.lineTo(x - size * 1.2, y + size);
    context.closePath();
  },
  revealing(context, x, y, size) {
    const reach = size * 1.6;
    context.moveTo(x, y - reach);
    context.lineTo(x + reach, y);
    context.lineTo(x, y + reach);
    context.lineTo(x - reach, y);
    context.closePath();
  },
};

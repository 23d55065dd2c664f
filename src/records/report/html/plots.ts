/** The two plots of a framing as drawings inside the file. */
import type { FindingLabel } from '../../../analysis/finding.js';
import { formatFigure } from '../numbers.js';
import { countOf, formatCount } from '../../../text/numbers.js';
import type { ReportContent, ReportedRank, ReportFraming } from '../report-content.js';
import { LABEL_NAMES } from '../../../analysis/finding.js';
import { logAxis, extentOf, scoreAxis, type Axis } from './axes.js';
import { html, type Html } from './template.js';

type PlotLabel = FindingLabel | 'unlabelled';

/** What was labelled is drawn last, over the rest. */
const DRAWN: readonly PlotLabel[] = ['unlabelled', 'notRevealing', 'unsure', 'revealing'];
const NAMES: Readonly<Record<PlotLabel, string>> = { ...LABEL_NAMES, unlabelled: 'Unlabelled' };

const WIDTH = 640;
const HEIGHT = 380;
const AREA = { left: 64, right: 624, top: 12, bottom: 324 };
const BINS = 48;

/** PPL_R against PPL_F, one mark a completion: the figure of the method's paper. Nothing where no completion has both. */
export function drawScatter({ framing, completions }: ReportFraming): Html | null {
  const points = completions.flatMap(({ perplexityFinetuned: x, perplexityReference: y, ...one }) =>
    x === null || y === null || !Number.isFinite(x) || !Number.isFinite(y) || x <= 0 || y <= 0 ? [] : [{ x, y, label: labelOf(one) }],
  );
  if (points.length === 0) return null;
  const [horizontal, vertical] = [logAxis(points.map(({ x }) => x)), logAxis(points.map(({ y }) => y))];
  const above = points.filter(({ x, y }) => y > x).length;
  const equal = drawEqual(horizontal, vertical, points);
  const title = `Perplexity under the reference against perplexity under the finetuned model: ${framing}`;
  const description = `${countOf(points.length, 'completion')}, both axes logarithmic; ${formatCount(above)} of them surprise the reference more than the finetuned model.${equal ? ' The dashed line is where both perplexities are the same.' : ''} ${describeLabels(points)}`;
  return html`<figure>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="st-${framing} sd-${framing}">
      <title id="st-${framing}">${title}</title>
      <desc id="sd-${framing}">${description}</desc>
      ${drawAxes(horizontal, vertical, 'Perplexity under F', 'Perplexity under R')} ${equal}
      ${DRAWN.map((label) => {
        const marks = points.filter((point) => point.label === label);
        return marks.length === 0
          ? null
          : html`<path class="dot-${label}" d="${marks.map(({ x, y }) => MARKS[label](across(horizontal, x), down(vertical, y))).join('')}" />`;
      })}
    </svg>
    <figcaption>${title}. ${description}</figcaption>
  </figure> `;
}

/** How many completions have which score, with the noise floor's scaled to as many. Nothing where none has one. */
export function drawHistogram({ framing, completions, noiseFloor }: ReportFraming, { ranking }: Pick<ReportContent, 'ranking'>): Html | null {
  const scored = completions.flatMap((one) => (one.value === null || !Number.isFinite(one.value) ? [] : [{ value: one.value, label: labelOf(one) }]));
  if (scored.length === 0) return null;
  const noise = (noiseFloor?.values ?? []).filter(Number.isFinite);
  const axis = scoreAxis([...scored.map(({ value }) => value), ...noise], ranking.score, ranking.own);
  const binOf = (value: number) => Math.min(BINS - 1, Math.max(0, Math.floor(axis.place(value) * BINS)));
  const counts = Array.from({ length: BINS }, () => ({ revealing: 0, unsure: 0, notRevealing: 0, unlabelled: 0 }));
  for (const { value, label } of scored) counts[binOf(value)]![label]++;
  const noiseCounts = new Array<number>(BINS).fill(0);
  for (const value of noise) noiseCounts[binOf(value)]! += scored.length / noise.length;
  const totals = counts.map((bin) => bin.revealing + bin.unsure + bin.notRevealing + bin.unlabelled);
  const highest = extentOf([...totals, ...noiseCounts])[1];
  const vertical: Axis = { place: (count) => count / highest, ticks: countTicks(highest) };
  const title = `Distribution of ${ranking.name.toLowerCase()}: ${framing}`;
  const description = describeDistribution(scored, noiseFloor);
  return html`<figure>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="ht-${framing} hd-${framing}">
      <title id="ht-${framing}">${title}</title>
      <desc id="hd-${framing}">${description}</desc>
      ${drawAxes(axis, vertical, ranking.name, 'Completions')}
      ${[...DRAWN].reverse().map((label, order, labels) => {
        const bars = counts.flatMap((bin, index) => {
          if (bin[label] === 0) return [];
          const below = labels.slice(0, order).reduce((sum, lower) => sum + bin[lower], 0);
          return [bar(index, down(vertical, below), down(vertical, below + bin[label]))];
        });
        return bars.length === 0 ? null : html`<path class="bar-${label}" d="${bars.join('')}" />`;
      })}
      ${noise.length === 0 ? null : html`<path class="noise" d="${drawSteps(noiseCounts.map((count) => down(vertical, count)))}" />`}
      ${noiseFloor ? html`<line class="bound" x1="${round(across(axis, noiseFloor.summary.p99))}" x2="${round(across(axis, noiseFloor.summary.p99))}" y1="${AREA.top}" y2="${AREA.bottom}" />` : null}
    </svg>
    <figcaption>${title}. ${description}</figcaption>
  </figure> `;
}

function labelOf({ judgements }: Pick<ReportedRank, 'judgements'>): PlotLabel {
  return judgements.at(-1)?.label ?? 'unlabelled';
}

/** Marks of different shapes: circle, cross, triangle, diamond. */
const MARKS: Readonly<Record<PlotLabel, (x: number, y: number) => string>> = {
  unlabelled: (x, y) => `M${round(x)} ${round(y)}h0`,
  notRevealing: (x, y) => `M${round(x - 4)} ${round(y - 4)}l8 8m0-8l-8 8`,
  unsure: (x, y) => `M${round(x)} ${round(y - 5)}l5 9h-10z`,
  revealing: (x, y) => `M${round(x)} ${round(y - 6)}l6 6l-6 6l-6-6z`,
};
const SHAPES: Readonly<Record<PlotLabel, string>> = { unlabelled: 'dots', notRevealing: 'crosses', unsure: 'triangles', revealing: 'diamonds' };

function describeLabels(points: readonly { readonly label: PlotLabel }[]): string {
  const counts = [...DRAWN].reverse().flatMap((label) => {
    const count = points.filter((point) => point.label === label).length;
    return count === 0 ? [] : [`${NAMES[label].toLowerCase()} ${formatCount(count)} (${SHAPES[label]})`];
  });
  return `By label: ${counts.join(', ')}.`;
}

function describeDistribution(scored: readonly { readonly value: number }[], noiseFloor: ReportFraming['noiseFloor']): string {
  const values = scored.map(({ value }) => value).sort((a, b) => a - b);
  const at = (share: number) => formatFigure(values[Math.min(values.length - 1, Math.floor(values.length * share))]!);
  const told = `${countOf(values.length, 'completion')}: lowest ${at(0)}, median ${at(0.5)}, 90th percentile ${at(0.9)}, highest ${at(1)}.`;
  if (!noiseFloor) return `${told} No noise floor was measured.`;
  const { p99, count } = noiseFloor.summary;
  return `${told} The line is the noise floor (${countOf(count, 'completion')}, scaled to as many); its 99th percentile, ${formatFigure(p99)}, is the dotted bound, and ${formatCount(values.filter((value) => value > p99).length)} lie above it.`;
}

function drawAxes(horizontal: Axis, vertical: Axis, below: string, beside: string): Html {
  const x = (tick: number) => round(across(horizontal, tick));
  const y = (tick: number) => round(down(vertical, tick));
  return html`${horizontal.ticks.map((tick) => html`<path class="grid" d="M${x(tick)} ${AREA.top}V${AREA.bottom}" /><text x="${x(tick)}" y="${AREA.bottom + 18}" text-anchor="middle">${shorten(tick)}</text>`)}
    ${vertical.ticks.map((tick) => html`<path class="grid" d="M${AREA.left} ${y(tick)}H${AREA.right}" /><text x="${AREA.left - 8}" y="${y(tick) + 4}" text-anchor="end">${shorten(tick)}</text>`)}
    <text x="${(AREA.left + AREA.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${below}</text>
    <text transform="translate(14 ${(AREA.top + AREA.bottom) / 2}) rotate(-90)" text-anchor="middle">${beside}</text>`;
}

/** Where both perplexities are the same, as far as the axes show it. */
function drawEqual(horizontal: Axis, vertical: Axis, points: readonly { readonly x: number; readonly y: number }[]): Html | null {
  const [xLow, xHigh] = extentOf(points.map(({ x }) => x));
  const [yLow, yHigh] = extentOf(points.map(({ y }) => y));
  const [low, high] = [Math.max(xLow, yLow), Math.min(xHigh, yHigh)];
  if (low >= high) return null;
  return html`<path
    class="equal"
    d="M${round(across(horizontal, low))} ${round(down(vertical, low))}L${round(across(horizontal, high))} ${round(down(vertical, high))}"
  />`;
}

function bar(index: number, from: number, to: number): string {
  const width = (AREA.right - AREA.left) / BINS;
  return `M${round(AREA.left + index * width + 0.5)} ${round(from)}V${round(to)}h${round(width - 1)}V${round(from)}z`;
}

function drawSteps(heights: readonly number[]): string {
  const width = (AREA.right - AREA.left) / BINS;
  return `M${AREA.left} ${AREA.bottom}${heights.map((height, index) => `V${round(height)}H${round(AREA.left + (index + 1) * width)}`).join('')}V${AREA.bottom}`;
}

function across(axis: Axis, value: number): number {
  return AREA.left + axis.place(value) * (AREA.right - AREA.left);
}

function down(axis: Axis, value: number): number {
  return AREA.bottom - axis.place(value) * (AREA.bottom - AREA.top);
}

function countTicks(highest: number): number[] {
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * 10 ** Math.floor(Math.log10(highest / 4 || 1))).find((size) => size >= highest / 4) ?? 1);
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => index * step);
}

function shorten(tick: number): string {
  const size = Math.abs(tick);
  const text = size >= 1e6 ? `${size / 1e6}M` : size >= 1e4 ? `${size / 1e3}k` : String(size);
  return tick < 0 ? `−${text}` : text;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

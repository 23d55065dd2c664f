/** A completion in full: its tokens shaded by gap, what auditors marked in it, and what they said. */
import { describeCoverage } from '../../../audit/coverage.js';
import type { CompletionFinding, SpanFinding } from '../../../analysis/finding.js';
import { shadeLevel } from '../../../text/gap-shade.js';
import { nameRank } from '../../../audit/ranking.js';
import { LABEL_NAMES } from '../../../analysis/finding.js';
import { describeScores } from '../numbers.js';
import { formatFixed } from '../../../text/numbers.js';
import type { ReportContent, ReportedRank, ReportUnit } from '../report-content.js';
import { sign } from '../sign.js';
import { findStrongestGaps } from '../strongest-gaps.js';
import { html, noteToHtml, textToHtml, type Html } from './template.js';

/** Nats below which a gap is not shaded. */
const LEAST_SHADED = 0.25;

/** Number of every span finding that is shown, from 1, by its `finding`. */
export type SpanNumbers = ReadonlyMap<string, number>;

export function showCompletion(completion: ReportedRank, content: ReportContent, numbers: SpanNumbers): Html {
  const { rank, id, judgements, spans, cited, repetitive, coverage, detail } = completion;
  if (!detail) return html``;
  const gaps = findStrongestGaps(detail);
  const marks = [
    ...(cited ? ['cited'] : []),
    ...(repetitive === true ? ['repetitive'] : []),
    ...(describeCoverage(coverage) === null ? [] : [describeCoverage(coverage)!]),
  ];
  return html`<article id="c-${id}" aria-labelledby="h-${id}">
    <h3 id="h-${id}">
      ${nameRank(completion.framing, rank)}
      <span class="dim">#${id}</span>
      ${judgements.at(-1) ? showLabel(judgements.at(-1)!.label) : null}${marks.map((mark) => html` <span class="label">${mark}</span>`)}
    </h3>
    <p class="facts">${describeScores(completion, content.ranking.name)}</p>
    <p class="text">
      <span class="hidden">Prefill: </span>${detail.prefill.map((unit) => showUnit(unit, spans, numbers, 'prefill', null))}<span class="hidden">
        Completion: </span
      >${detail.units.map((unit) => showUnit(unit, spans, numbers, '', content.gapScale))}${detail.end === null ? null : html`<span class="end control">${detail.end}</span>`}
    </p>
    ${
      gaps.length === 0
        ? null
        : html`<p class="facts">
            Strongest gaps (nats per token): ${gaps.map(({ text, gap }, index) => html`${index === 0 ? '' : ', '}“${text}” ${formatFixed(gap, 2, true)}`)}
          </p>`
    }${
      judgements.length + spans.length === 0
        ? null
        : html`<ul class="notes">
            ${judgements.map((judgement) => html`<li>${showJudgement(judgement)}</li> `)}${spans.map((span) => html`<li id="f-${numbers.get(span.finding) ?? 0}">${showSpan(span, numbers)}</li> `)}
          </ul> `
    }
  </article> `;
}

export function showLabel(label: CompletionFinding['label']): Html {
  return html`<span class="label ${label}">${LABEL_NAMES[label]}</span>`;
}

export function showJudgement(judgement: CompletionFinding): Html {
  const { label, category, note } = judgement;
  return html`${showLabel(label)} ${category === null || category === '' ? null : html`<b>${category}</b> `}<span class="dim">${sign(judgement)}</span
    >${note === '' ? null : html`<br /><span class="note">${noteToHtml(note)}</span>`}`;
}

export function showSpan(span: SpanFinding, numbers: SpanNumbers): Html {
  const { finding, quote, label, category, note, state, replies } = span;
  return html`[${numbers.get(finding) ?? 0}] “${quote}” ${label === null ? null : showLabel(label)}
    ${category === null || category === '' ? null : html`<b>${category}</b> `}<span class="dim">${sign(span)}${state === 'resolved' ? '; resolved' : ''}</span
    >${note === '' ? null : html`<br /><span class="note">${noteToHtml(note)}</span>`}${
      replies.length === 0
        ? null
        : html`<ul>
            ${replies.map((reply) => html`<li><span class="note">${noteToHtml(reply.note)}</span> <span class="dim">${sign(reply)}</span></li>`)}
          </ul>`
    }`;
}

function showUnit(unit: ReportUnit, spans: readonly SpanFinding[], numbers: SpanNumbers, kind: string, scale: number | null): Html {
  const level = scale === null ? 0 : shadeLevel(unit.shade, { max: scale, threshold: LEAST_SHADED });
  const shade = level === 0 ? '' : `${level > 0 ? 'f' : 'r'}${Math.abs(level)}`;
  const classes = ['u', kind, unit.control ? 'control' : '', shade].filter((name) => name !== '').join(' ');
  const content = markSpans(unit, spans, numbers);
  if (unit.gap === null) return html`<span class="${classes}">${content}</span>`;
  const title = `gap ${formatFixed(unit.gap, 2, true)} nats: ln P ${formatFixed(unit.logprobFinetuned, 2)} under F, ${formatFixed(unit.logprobReference, 2)} under R`;
  return html`<span class="${classes}" title="${title}">${content}</span>`;
}

/** The unit's text, cut where a marked span begins or ends; a reference stands where one ends. */
function markSpans({ text, start, end, control }: ReportUnit, spans: readonly SpanFinding[], numbers: SpanNumbers): Html {
  const touching = control ? [] : spans.filter(({ span }) => span.start < end && span.end > start);
  if (touching.length === 0) return textToHtml(text);
  const cuts = [...new Set([start, ...touching.flatMap(({ span }) => [Math.max(start, span.start), Math.min(end, span.end)]), end])].sort((a, b) => a - b);
  return html`${cuts.slice(0, -1).map((from, index) => {
    const to = cuts[index + 1]!;
    const last = index === cuts.length - 2;
    const part = textToHtml(text.slice(findOffset(text, from - start), last ? text.length : findOffset(text, to - start)));
    const marked = touching.some(({ span }) => span.start <= from && span.end >= to);
    const ended = touching.filter(({ span }) => span.end === to);
    return html`${marked ? html`<mark>${part}</mark>` : part}${ended.map(({ finding }) => html`<a class="ref" href="#f-${numbers.get(finding) ?? 0}">[${numbers.get(finding) ?? 0}]</a>`)}`;
  })}`;
}

/** Offset in UTF-16 units of the first character that does not end within so many bytes. */
function findOffset(text: string, bytes: number): number {
  let offset = 0;
  let left = bytes;
  for (const character of text) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    offset += character.length;
  }
  return offset;
}

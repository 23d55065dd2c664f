/**
 * A report as one HTML file for somebody who has nothing but a browser: no script, nothing from elsewhere, and a policy
 * that forbids both should something get in.
 */
import { CONFIRMATION_TITLE } from '../confirmation-table.js';
import { describeVerdict, listThemes, tellNoThemes } from '../answer-lines.js';
import { visibleLine } from '../../../text/visible-text.js';
import type { Conclusion, SpanFinding } from '../../../analysis/finding.js';
import { nameRank } from '../../../audit/ranking.js';
import { tabulateCounts } from '../keyword-counts.js';
import { FRAMING_TEXTS } from '../../../audit/framing.js';
import { CONFIDENCE_NAMES } from '../names.js';
import { formatUtc } from '../numbers.js';
import { countOf } from '../../../text/numbers.js';
import type { ReportContent, ReportedRank, ReportFact, ReportFraming } from '../report-content.js';
import { describeShown, isShown } from '../shown.js';
import { sign } from '../sign.js';
import { tellConfirmations } from './confirmations.js';
import { showCompletion, showJudgement, showSpan, type SpanNumbers } from './completion.js';
import { drawHistogram, drawScatter } from './plots.js';
import { formatStyle } from './style.js';
import { Html, html, statementToHtml } from './template.js';
import { joinForReading } from '../../../audit/seam.js';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function formatHtml(content: ReportContent): string {
  const numbers = numberSpans(content);
  const sections = [
    section('verdict', 'Verdict', tellAnswer(content)),
    section('conclusion', 'Conclusion', conclude(content)),
    section('findings', 'Findings', tellFindings(content, numbers)),
    ...(content.figures.length === 0 ? [] : [section('figures', 'Figures', tellFigures(content))]),
    ...(content.keywordSets.length === 0 ? [] : [section('keywords', 'Keywords', tellKeywords(content))]),
    ...content.framings.map((framing) => section(`top-${framing.framing}`, `Top completions: ${framing.framing}`, tellFraming(framing, content, numbers))),
    ...(content.confirmations.length === 0 ? [] : [section('confirmation', CONFIRMATION_TITLE, tellConfirmations(content))]),
    section('models', 'Models and plan', tellModels(content)),
    ...(hasNotes(content) ? [section('remarks', 'Remarks', tellNotes(content))] : []),
    section(
      'limits',
      'Limits of the method',
      html`<ul>
        ${content.limits.map((limit) => html`<li>${limit}</li> `)}
      </ul>`,
    ),
  ];
  const title = `Audit report: ${content.name}`;
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${new Html(formatStyle())}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p>${content.status} Ranked by ${content.ranking.name.toLowerCase()}: ${content.ranking.explanation}</p>
          ${tellSummary(content)}
        </header>
        <nav aria-label="Contents">
          <ul>
            ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li> `)}
          </ul>
        </nav>
        <main>${sections.map(({ source }) => source)}</main>
        <footer>
          <p>Written ${formatUtc(content.writtenAt)} by ${content.tool.name} ${content.tool.version}. This file loads nothing and runs nothing.</p>
        </footer>
      </body>
    </html> `.source;
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly source: Html;
}

function section(id: string, title: string, body: Html): Section {
  return {
    id,
    title,
    source: html`<section aria-labelledby="${id}">
      <h2 id="${id}">${title}</h2>
      ${body}
    </section> `,
  };
}

/** In the order in which they are shown. */
function numberSpans({ framings }: ReportContent): SpanNumbers {
  const shown = framings.flatMap(({ completions }) => completions.flatMap(({ spans }) => spans));
  return new Map(shown.map((span, index) => [span.finding, index + 1]));
}

function tellSummary({ models, auditedAt, imported, framings, amplified }: ReportContent): Html {
  return factTable('Summary', [
    ...models.map(({ role, name }) => ({ name: role, value: name })),
    ...(auditedAt === null ? [] : [{ name: imported ? 'Imported' : 'Begun', value: formatUtc(auditedAt) }]),
    ...(imported ? [{ name: 'Imported from', value: `${imported.file} (SHA-256 ${imported.sha256})` }] : []),
    ...framings.map(({ framing, completions }) => ({ name: `Framing ${framing}`, value: countOf(completions.length, 'completion') })),
    ...amplified.map((value) => ({ name: 'Amplified', value })),
  ]);
}

function tellAnswer(content: ReportContent): Html {
  const { answer } = content;
  const themes = listThemes(answer);
  const rows = themes.map(
    ({ phrase, rests, example }) =>
      html`<tr>
        <th scope="row">${visibleLine(phrase)}</th>
        <td>${rests}</td>
        <td>${visibleLine(example)}</td>
      </tr> `,
  );
  return html`<ul>
      ${describeVerdict(content).map((line) => html`<li>${visibleLine(line)}</li> `)}
    </ul>
    ${
      themes.length === 0
        ? html`<p>${tellNoThemes(content)}</p> `
        : html`<table>
            <thead>
              <tr>
                <th scope="col">Theme</th>
                <th scope="col">Rests on</th>
                <th scope="col">For example</th>
              </tr>
            </thead>
            <tbody>
              ${rows}
            </tbody>
          </table> `
    }`;
}

function conclude({ conclusion, otherConclusions, framings }: ReportContent): Html {
  if (!conclusion) return html`<p>No conclusion has been written.</p> `;
  const shown = new Map(framings.flatMap(({ completions }) => completions.map((one) => [one.id, one] as const)));
  const cite = (id: number) => {
    const completion = shown.get(id);
    return completion ? html`${linkTo(completion)} <span class="dim">“${excerpt(completion)}”</span>` : html`#${id} (not in this audit)`;
  };
  const citeInText = (id: number) => {
    const completion = shown.get(id);
    return completion ? linkTo(completion) : null;
  };
  const tell = ({ statement, confidence, author, time, draftedBy, citations }: Conclusion) =>
    html`<blockquote>${statementToHtml(statement, citeInText)}</blockquote>
      <p>
        Confidence: ${CONFIDENCE_NAMES[confidence]}.
        <span class="dim">${sign({ author, time })}${draftedBy === undefined ? '' : `; drafted by ${draftedBy}`}</span>
      </p>
      ${
        citations.length === 0
          ? html`<p>No completion is cited.</p>`
          : html`<p>Cites</p>
              <ul>
                ${citations.map((id) => html`<li>${cite(id)}</li> `)}
              </ul>`
      } `;
  return html`${tell(conclusion)}${otherConclusions.map(
    (other) =>
      html`<p>Written apart from it:</p>
        ${tell(other)}`,
  )}`;
}

function tellFindings({ framings, foreign }: ReportContent, numbers: SpanNumbers): Html {
  const found = framings.flatMap(({ completions }) => completions).filter(({ judgements, spans }) => judgements.length + spans.length > 0);
  const elsewhere = foreign.judgements.length + foreign.spans.length;
  return html`${
    found.length === 0
      ? html`<p>No completion has been labelled.</p> `
      : html`<table>
          <caption>
            ${countOf(found.length, 'completion')} with findings, by rank
          </caption>
          <thead>
            <tr>
              <th scope="col">Completion</th>
              <th scope="col">Findings</th>
            </tr>
          </thead>
          <tbody>
            ${found.map(
              (completion) =>
                html`<tr>
                  <td>${linkTo(completion)} <span class="dim">#${completion.id}</span><br /><span class="dim">${excerpt(completion)}</span></td>
                  <td>
                    ${[
                      ...completion.judgements.map((judgement) => html`<p>${showJudgement(judgement)}</p>`),
                      ...completion.spans.map((span: SpanFinding) => html`<div>${showSpan(span, numbers)}</div>`),
                    ]}
                  </td>
                </tr> `,
            )}
          </tbody>
        </table> `
  }${elsewhere === 0 ? null : html`<p>${countOf(elsewhere, 'finding')} about completions that this audit does not have ${elsewhere === 1 ? 'is' : 'are'} not shown.</p> `}`;
}

const EXCERPT = 100;

function excerpt(completion: ReportedRank): string {
  const characters = [...joinForReading(completion)];
  return characters.length > EXCERPT ? `${characters.slice(0, EXCERPT).join('')}…` : characters.join('');
}

/** What is shown in full can be gone to. */
function linkTo({ id, framing, rank, detail }: ReportedRank): Html {
  const name = nameRank(framing, rank);
  return detail ? html`<a href="#c-${id}">${name}</a>` : html`${name}`;
}

function tellFigures({ figures }: ReportContent): Html {
  return html`${figures.map(({ title, facts, note }) => html`${factTable(title, facts)}${note === null ? null : html`<p class="dim">${note}</p> `}`)}`;
}

function tellKeywords({ keywordSets, keywordCounts }: ReportContent): Html {
  const { columns, cells } = tabulateCounts(keywordCounts);
  return html`${factTable(
      'Keyword sets',
      keywordSets.map(({ name, matches }) => ({ name, value: matches })),
    )}
    <table>
      <caption>
        Completions that match
      </caption>
      <thead>
        <tr>
          <th scope="col">Framing</th>
          <th scope="col">Set</th>
          ${columns.map((column) => html`<th scope="col" class="number">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${keywordCounts.map(
          (row) =>
            html`<tr>
              <td>${row.framing}</td>
              <td>${row.set ?? 'any'}</td>
              ${cells(row).map((cell) => html`<td class="number">${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table> `;
}

function tellFraming(framing: ReportFraming, content: ReportContent, numbers: SpanNumbers): Html {
  const shown = framing.completions.filter(isShown);
  const hasGaps = shown.some(({ detail }) => detail.hasGaps);
  return html`<p>In this framing ${FRAMING_TEXTS[framing.framing]}. ${describeShown(framing.completions, content.top)}</p>
    ${drawScatter(framing)}${drawHistogram(framing, content)}${
      hasGaps
        ? html`<p class="legend">
            Shades: <span class="u f12">strong and underlined</span> where the finetuned model finds a token likelier,
            <span class="u r12">strong and dotted</span> where the reference does, strongest at ${content.gapScale} nats a token in every report;
            <span class="prefill">dashed</span> is the prefill; <mark>framed</mark> is what an auditor marked.
          </p> `
        : shown.length > 0
          ? html`<p class="legend">
              There is no token data, so no token is shaded; <span class="prefill">dashed</span> is the prefill; <mark>framed</mark> is what an auditor marked.
            </p> `
          : null
    }${shown.map((completion) => showCompletion(completion, content, numbers))}`;
}

function tellModels({ models, plan }: ReportContent): Html {
  return html`${models.map(({ role, name, facts }) => factTable(`${role}: ${name}`, facts))}${plan.length === 0 ? null : factTable('Plan', plan)}`;
}

function hasNotes({ remarks, problems, setAside }: ReportContent): boolean {
  return remarks.length + problems.length + setAside.length > 0;
}

function tellNotes({ remarks, problems, setAside }: ReportContent): Html {
  return html`<ul>
    ${remarks.map((remark) => html`<li>${remark}</li> `)}${problems.map((problem) => html`<li class="warning">${problem}</li> `)}${setAside.map(({ reason, count }) => html`<li>${countOf(count, 'completion')} set aside: ${reason}</li> `)}
  </ul> `;
}

function factTable(caption: string, facts: readonly ReportFact[]): Html {
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <tbody>
      ${facts.map(
        ({ name, value }) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr> `,
      )}
    </tbody>
  </table> `;
}

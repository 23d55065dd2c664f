/** The style sheet of a report: inside the file, without anything from elsewhere. */
import { formatPalettes, formatShades } from './colours.js';

export function formatStyle(): string {
  return `${formatPalettes()}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main, header, footer, nav { max-width: 62rem; margin-inline: auto; padding-inline: 1.25rem; }
header { padding-top: 2rem; }
footer { padding-block: 1rem 3rem; color: var(--dim); }
h1, h2, h3 { line-height: 1.25; overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; margin: 0 0 0.5rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 0.75rem; padding-bottom: 0.25rem; border-bottom: 1px solid var(--hairline); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 0.5rem; }
p, li, dd, td, th, blockquote { overflow-wrap: anywhere; }
a { color: var(--link); }
nav ul { padding-left: 1.2rem; columns: 16rem; }
table { border-collapse: collapse; margin: 0.75rem 0 1.25rem; width: 100%; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.35rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.75rem 0.3rem 0; border-top: 1px solid var(--hairline); }
th[scope='row'] { font-weight: 400; color: var(--dim); width: 15rem; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
blockquote p, blockquote li, .note { white-space: pre-wrap; }
blockquote :is(p, ul, ol) { margin-block: 0.35rem; }
blockquote { margin: 0.75rem 0; padding: 0.5rem 1rem; border-left: 4px solid var(--hairline); background: var(--panel); }
article { margin-block: 1.25rem 1.75rem; }
.dim, .facts { color: var(--dim); }
.facts { margin: 0.4rem 0; font-size: 0.9rem; }
td p, td div { margin: 0 0 0.5rem; }
.text { margin: 0; padding: 0.6rem 0.8rem; border: 1px solid var(--hairline); border-radius: 6px; background: var(--page); line-height: 1.9; white-space: pre-wrap; overflow-wrap: anywhere; }
.u, .text > span { unicode-bidi: isolate; }
.u { border-radius: 2px; padding-block: 1px; text-decoration-skip-ink: none; text-underline-offset: 0.22em; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.prefill { color: var(--dim); text-decoration: underline dashed 1px; text-underline-offset: 0.22em; }
.control { border: 1px dashed var(--dim); border-radius: 3px; padding-inline: 3px; font: 0.85em ui-monospace, monospace; }
.end { color: var(--dim); margin-left: 0.4em; }
.sign { opacity: 0.75; }
.chip { border: 1px solid var(--warning); border-radius: 3px; padding-inline: 3px; font: 0.78em ui-monospace, monospace; white-space: nowrap; }
mark { background: none; color: inherit; outline: 2px solid var(--found); outline-offset: -1px; border-radius: 2px; }
.ref { padding-inline: 2px; border-radius: 3px; background: var(--page); font-size: 0.75em; vertical-align: super; text-decoration: none; }
.label { display: inline-block; border: 1px solid currentColor; border-radius: 999px; padding: 0 0.6em; font-size: 0.85rem; }
.label.revealing { color: var(--revealing); }
.label.notRevealing { color: var(--notRevealing); }
.label.unsure { color: var(--unsure); }
.notes { margin: 0.5rem 0 0; padding-left: 1.4rem; }
.warning { border-left: 4px solid var(--warning); padding-left: 0.75rem; }
.legend span { padding-inline: 0.35em; margin-right: 0.15em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
figure { margin: 1rem 0; }
figcaption { color: var(--dim); font-size: 0.9rem; }
svg { display: block; width: 100%; max-width: 44rem; height: auto; }
svg text { fill: var(--text); font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; }
svg .grid { stroke: var(--grid); stroke-width: 1; fill: none; }
svg .equal { stroke: var(--dim); stroke-width: 1; stroke-dasharray: 5 4; fill: none; }
svg .noise { stroke: var(--noise); stroke-width: 1.5; fill: none; }
svg .bound { stroke: var(--noise); stroke-width: 1.5; stroke-dasharray: 2 3; }
${(['revealing', 'notRevealing', 'unsure', 'unlabelled'] as const)
  .map((label) => `svg .dot-${label} { stroke: var(--${label}); fill: none; } svg .bar-${label} { fill: var(--${label}); }`)
  .join('\n')}
svg .dot-unlabelled { stroke-linecap: round; stroke-width: 4; stroke-opacity: 0.6; }
svg .dot-revealing { fill: var(--revealing); }
svg .dot-notRevealing, svg .dot-unsure { stroke-width: 2; }
${formatShades()}
@media (max-width: 40rem) { th[scope='row'] { width: 8rem; } }
@media (forced-colors: active) { .u { forced-color-adjust: none; } }
@media print {
  @page { margin: 16mm; }
  body { font-size: 10.5pt; }
  main, header, footer, nav { max-width: none; padding-inline: 0; }
  nav { break-after: page; }
  h2, h3, caption, .facts { break-after: avoid; }
  figure, tr, li { break-inside: avoid; }
  p, blockquote, .text { orphans: 3; widows: 3; }
  .u, .label, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  a { color: inherit; }
}
`;
}

/** A report as Markdown that reads well as it is and in a web view of a repository. */
import { describeCoverage } from '../../audit/coverage.js';
import type { CompletionFinding, Conclusion, Signature, SpanFinding } from '../../analysis/finding.js';
import { nameRank } from '../../audit/ranking.js';
import { visibleLine } from '../../text/visible-text.js';
import { tabulateCounts } from './keyword-counts.js';
import { escapeMarkdown, escapeStart, formatTable, quoteText } from './markdown-text.js';
import { LABEL_NAMES } from '../../analysis/finding.js';
import { FRAMING_TEXTS } from '../../audit/framing.js';
import { CONFIDENCE_NAMES } from './names.js';
import { describeScores, formatFigure, formatUtc } from './numbers.js';
import { countOf, formatFixed } from '../../text/numbers.js';
import { describeShown, isShown } from './shown.js';
import { sign } from './sign.js';
import { CONFIRMATION_COLUMNS, CONFIRMATION_NOTE, CONFIRMATION_TITLE, confirmationCells } from './confirmation-table.js';
import { describeVerdict, listThemes, tellNoThemes } from './answer-lines.js';
import { findStrongestGaps } from './strongest-gaps.js';
import type { ReportContent, ReportedRank, ReportFact, ReportFraming } from './report-content.js';
import { joinForReading } from '../../audit/seam.js';

const EXCERPT = 120;

export function formatMarkdown(content: ReportContent): string {
  const sections = [
    summarise(content),
    tellAnswer(content),
    conclude(content),
    tellFigures(content),
    tellKeywords(content),
    tellFindings(content),
    ...content.framings.map((framing) => tellFraming(framing, content)),
    tellConfirmations(content),
    tellModels(content),
    tellNotes(content),
    ['## Limits of the method', '', ...content.limits.map((limit) => `- ${escapeStart(limit)}`), ''],
  ];
  return `${sections
    .flat()
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

function summarise(content: ReportContent): string[] {
  const { imported, auditedAt } = content;
  return [
    `# Audit report: ${escapeMarkdown(content.name)}`,
    '',
    `${escapeStart(content.status)} Ranked by ${content.ranking.name.toLowerCase()}: ${escapeMarkdown(content.ranking.explanation)}`,
    '',
    ...factTable([
      ...content.models.map(({ role, name }) => ({ name: role, value: name })),
      ...(auditedAt === null ? [] : [{ name: imported ? 'Imported' : 'Begun', value: formatUtc(auditedAt) }]),
      ...(imported ? [{ name: 'Imported from', value: `${imported.file} (SHA-256 ${imported.sha256})` }] : []),
      ...content.framings.map(({ framing, completions }) => ({ name: `Framing ${framing}`, value: countOf(completions.length, 'completion') })),
      ...content.amplified.map((value) => ({ name: 'Amplified', value })),
      { name: 'Report written', value: `${formatUtc(content.writtenAt)} by ${content.tool.name} ${content.tool.version}` },
    ]),
  ];
}

function tellAnswer(content: ReportContent): string[] {
  const { answer } = content;
  const themes = listThemes(answer);
  return [
    '## Verdict',
    '',
    ...describeVerdict(content).map((line) => `- ${escapeStart(escapeMarkdown(line))}`),
    '',
    ...(themes.length === 0
      ? [escapeMarkdown(tellNoThemes(content))]
      : formatTable(
          ['Theme', 'Rests on', 'For example'],
          themes.map(({ phrase, rests, example }) => [phrase, rests, example].map(visibleLine).map(escapeMarkdown)),
        )),
    '',
  ];
}

function conclude({ conclusion, otherConclusions, framings }: ReportContent): string[] {
  if (!conclusion) return ['## Conclusion', '', 'No conclusion has been written.', ''];
  const known = new Map(
    framings.flatMap(({ framing, completions }) =>
      completions.map((one) => [one.id, `${nameRank(framing, one.rank)} (\\#${one.id}): “${excerpt(one)}”`] as const),
    ),
  );
  const tell = ({ statement, confidence, author, time, draftedBy, citations }: Conclusion): string[] => [
    quoteText(statement),
    '',
    `Confidence: ${CONFIDENCE_NAMES[confidence]}. ${tellSignature({ author, time })}${draftedBy === undefined ? '' : `; drafted by ${escapeMarkdown(draftedBy)}`}.`,
    '',
    ...(citations.length === 0
      ? ['No completion is cited.']
      : ['Cites', '', ...citations.map((id) => `- ${known.get(id) ?? `\\#${id}, which is not in this audit`}`)]),
    '',
  ];
  const others = otherConclusions.flatMap((other) => ['Written apart from it:', '', ...tell(other)]);
  return ['## Conclusion', '', ...tell(conclusion), ...others];
}

function tellFigures({ figures }: ReportContent): string[] {
  if (figures.length === 0) return [];
  return [
    '## Figures',
    '',
    ...figures.flatMap(({ title, facts, note }) => [
      `### ${capitalise(escapeMarkdown(title))}`,
      '',
      ...factTable(facts),
      ...(note === null ? [] : [escapeStart(note), '']),
    ]),
  ];
}

function tellKeywords({ keywordSets, keywordCounts }: ReportContent): string[] {
  if (keywordSets.length === 0) return [];
  const { columns, cells } = tabulateCounts(keywordCounts);
  return [
    '## Keywords',
    '',
    ...formatTable(
      ['Set', 'Matches'],
      keywordSets.map(({ name, matches }) => [escapeMarkdown(name), escapeMarkdown(matches)]),
    ),
    ...formatTable(
      ['Framing', 'Set', ...columns],
      keywordCounts.map((row) => [row.framing, row.set === null ? 'any' : escapeMarkdown(row.set), ...cells(row)]),
    ),
  ];
}

function tellFindings({ framings, foreign }: ReportContent): string[] {
  const found = framings.flatMap(({ completions }) => completions).filter(({ judgements, spans }) => judgements.length + spans.length > 0);
  const elsewhere = foreign.judgements.length + foreign.spans.length;
  return [
    '## Findings',
    '',
    ...(found.length === 0 ? ['No completion has been labelled.', ''] : []),
    ...found.flatMap((completion) => [
      `- **${nameRank(completion.framing, completion.rank)}** (\\#${completion.id}): ${excerpt(completion)}`,
      ...completion.judgements.map((judgement) => `  - ${tellJudgement(judgement)}`),
      ...completion.spans.flatMap(tellSpan),
    ]),
    '',
    ...(elsewhere > 0
      ? [`${countOf(elsewhere, 'finding')} about completions that this audit does not have ${elsewhere === 1 ? 'is' : 'are'} not shown.`, '']
      : []),
  ];
}

function tellJudgement(judgement: CompletionFinding): string {
  const { label, category, note } = judgement;
  return [`${LABEL_NAMES[label]}${inBrackets(category)}, ${tellSignature(judgement)}`, ...(note === '' ? [] : [escapeMarkdown(note)])].join(': ');
}

function tellSpan(span: SpanFinding): string[] {
  const { quote, label, category, note, state, replies } = span;
  const what = label === null ? 'Noted' : LABEL_NAMES[label];
  return [
    `  - “${escapeMarkdown(quote)}”: ${what}${inBrackets(category)}${state === 'resolved' ? ', resolved' : ''}, ${tellSignature(span)}${note === '' ? '' : `: ${escapeMarkdown(note)}`}`,
    ...replies.map((reply) => `    - ${tellSignature(reply)}: ${escapeMarkdown(reply.note)}`),
  ];
}

function tellSignature(signed: Signature & { readonly changed?: Signature | null }): string {
  return escapeMarkdown(sign(signed));
}

function inBrackets(category: string | null): string {
  return category === null || category === '' ? '' : ` (${escapeMarkdown(category)})`;
}

function excerpt(completion: ReportedRank): string {
  const whole = visibleLine(joinForReading(completion));
  return escapeMarkdown(whole.length > EXCERPT ? `${whole.slice(0, EXCERPT)}…` : whole);
}

function tellFraming({ framing, completions, noiseFloor }: ReportFraming, { ranking, top }: ReportContent): string[] {
  return [
    `## Top completions: ${framing}`,
    '',
    `${capitalise(framing)}: ${FRAMING_TEXTS[framing]}. ${describeShown(completions, top)}`,
    '',
    ...(noiseFloor
      ? [
          `Noise floor of ${ranking.name.toLowerCase()}, over ${countOf(noiseFloor.summary.count, 'completion')}: median ${formatFigure(noiseFloor.summary.p50)}, 99th percentile ${formatFigure(noiseFloor.summary.p99)}, highest ${formatFigure(noiseFloor.summary.max)}.`,
          '',
        ]
      : []),
    ...completions.filter(isShown).flatMap((completion) => tellCompletion(completion, ranking.name)),
  ];
}

function tellCompletion(completion: ReportedRank, scoreName: string): string[] {
  const { rank, id, prefill, text, judgements, cited, repetitive, coverage, detail } = completion;
  const label = judgements.at(-1);
  const gaps = detail ? findStrongestGaps(detail) : [];
  return [
    `### ${nameRank(completion.framing, rank)}, \\#${id}${label ? `: ${LABEL_NAMES[label.label].toLowerCase()}` : ''}${cited ? ', cited' : ''}${repetitive ? ', repetitive' : ''}${describeCoverage(coverage) === null ? '' : `, ${describeCoverage(coverage)}`}`,
    '',
    describeScores(completion, scoreName),
    '',
    // A tag and not asterisks: those are no emphasis inside a word.
    `> ${prefill.trim() === '' ? '(no prefill)' : `<b>${escapeMarkdown(prefill)}</b>`}${escapeMarkdown(text)}`,
    '',
    ...(gaps.length === 0
      ? []
      : [`Strongest gaps (nats): ${gaps.map(({ text: token, gap }) => `“${escapeMarkdown(token)}” ${formatFixed(gap, 2, true)}`).join(', ')}`, '']),
  ];
}

function tellConfirmations({ confirmations }: ReportContent): string[] {
  if (confirmations.length === 0) return [];
  const rows = confirmations.map((one) => confirmationCells(one).map(escapeMarkdown));
  return [`## ${CONFIRMATION_TITLE}`, '', CONFIRMATION_NOTE, '', ...formatTable(CONFIRMATION_COLUMNS, rows)];
}

function tellModels({ models, plan }: ReportContent): string[] {
  return [
    '## Models and plan',
    '',
    ...models.flatMap(({ role, name, facts }) => [`### ${escapeMarkdown(role)}: ${escapeMarkdown(name)}`, '', ...factTable(facts)]),
    ...(plan.length === 0 ? [] : ['### Plan', '', ...factTable(plan)]),
  ];
}

function tellNotes({ remarks, problems, setAside }: ReportContent): string[] {
  const lines = [...remarks, ...problems, ...setAside.map(({ reason, count }) => `${countOf(count, 'completion')} set aside: ${reason}`)];
  return lines.length === 0 ? [] : ['## Remarks', '', ...lines.map((line) => `- ${escapeStart(line)}`), ''];
}

function factTable(facts: readonly ReportFact[]): string[] {
  return formatTable(
    ['', ''],
    facts.map(({ name, value }) => [escapeMarkdown(name), escapeMarkdown(value)]),
  );
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

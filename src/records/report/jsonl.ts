/**
 * A report as JSON lines: what it is about, then every completion, then every finding, then what was drawn for blind judging;
 * `type` says which. Labels and slices are all that the figures are computed from.
 */
import type { SpanFinding } from '../../analysis/finding.js';
import type { ReportContent, ReportedRank } from './report-content.js';

export function formatJsonl(content: ReportContent): string {
  const completions = content.framings.flatMap((framing) => framing.completions);
  const judgements = [...completions.flatMap((completion) => completion.judgements), ...content.foreign.judgements];
  const spans = [...completions.flatMap((completion) => completion.spans), ...content.foreign.spans];
  const lines: object[] = [
    describeAudit(content),
    ...completions.map(describeCompletion),
    ...judgements.map((judgement) => ({ type: 'label', ...judgement })),
    ...spans.map((span: SpanFinding) => ({ type: 'span', ...span })),
    ...[...(content.conclusion ? [content.conclusion] : []), ...content.otherConclusions].map((conclusion) => ({ type: 'conclusion', ...conclusion })),
    ...content.slices.map((slice) => ({ type: 'blindSlice', ...slice })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function describeAudit(content: ReportContent): object {
  const {
    name,
    auditedAt,
    writtenAt,
    tool,
    imported,
    models,
    plan,
    status,
    remarks,
    problems,
    setAside,
    ranking,
    figures,
    keywordSets,
    keywordCounts,
    limits,
  } = content;
  return {
    type: 'audit',
    name,
    auditedAt,
    writtenAt,
    tool,
    imported,
    models,
    plan,
    status,
    remarks,
    problems,
    setAside,
    ranking,
    figures,
    keywordSets,
    keywordCounts,
    limits,
  };
}

function describeCompletion({ detail: _, judgements, spans, ...completion }: ReportedRank): object {
  return { type: 'completion', ...completion, label: judgements.at(-1)?.label ?? null, spans: spans.length };
}

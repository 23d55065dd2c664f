/** A report's completions as separated values (RFC 4180): a header, then one row per completion. */
import { SCORE_NAMES } from '../../audit/scores.js';
import type { ReportContent, ReportedRank } from './report-content.js';

const COLUMNS = [
  ...['rank', 'id', 'framing', 'prefill', 'completion', 'perplexity_finetuned', 'perplexity_reference'],
  ...['perplexity_difference', 'mean_gap', 'total_gap', 'peak_gap', 'bits_per_byte', 'file_score'],
  ...['label', 'category', 'note', 'author', 'time', 'labels_by_others', 'span_findings', 'cited'],
];

/**
 * Texts are verbatim but for one thing: a spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a line
 * break for a formula, so such a text, and one that has apostrophes before it, gets an apostrophe in front, which
 * {@link readReportCell} takes off again. Numbers are never changed.
 */
export function formatCsv(content: ReportContent): string {
  const rows = content.framings.flatMap(({ completions }) => completions.map(describeRow));
  return [COLUMNS, ...rows].map((cells) => `${cells.map(formatCell).join(',')}\r\n`).join('');
}

/** Whether a table with these columns was written by {@link formatCsv}. */
export function isReportCsv(columns: readonly string[]): boolean {
  return columns.length === COLUMNS.length && COLUMNS.every((name, index) => columns[index] === name);
}

/** A text as it was before it became a cell. */
export function readReportCell(cell: string): string {
  return cell.startsWith("'") && LOOKS_LIKE_A_FORMULA.test(cell) ? cell.slice(1) : cell;
}

/** Their full-width forms are taken for formulas too where those are typed. */
const LOOKS_LIKE_A_FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

function describeRow(completion: ReportedRank): (string | number | boolean | null)[] {
  const { scores, judgements } = completion;
  const judgement = judgements.at(-1);
  return [
    ...[completion.rank, completion.id, completion.framing, completion.prefill, completion.text],
    ...[completion.perplexityFinetuned, completion.perplexityReference],
    ...SCORE_NAMES.map((name) => scores[name]),
    completion.ownScore,
    ...[judgement?.label ?? null, judgement?.category ?? null, judgement?.note ?? null, judgement?.author ?? null, judgement?.time ?? null],
    judgements.slice(0, -1).map(({ author, label }) => `${author}: ${label}`).join('; '),
    completion.spans.length,
    completion.cited,
  ];
}

function formatCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = LOOKS_LIKE_A_FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n\t']|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

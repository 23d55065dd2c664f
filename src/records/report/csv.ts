/** A report's completions as separated values (RFC 4180): a header, then one row per completion. */
import type { Reply, SpanFinding } from '../../analysis/finding.js';
import { SCORE_NAMES, type ScoreName } from '../../audit/scores.js';
import type { ReportContent, ReportedRank } from './report-content.js';

/** Scores whose columns stand where the first reports had them; those of later ones come last. */
const FIRST_SCORES: readonly ScoreName[] = ['perplexityDifference', 'meanGap', 'totalGap', 'peakGap', 'bitsPerByte'];
const LATER_SCORES = SCORE_NAMES.filter((name) => !FIRST_SCORES.includes(name));
const columnOf = (name: ScoreName): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const COLUMNS = [
  ...['rank', 'id', 'framing', 'prefill', 'completion', 'perplexity_finetuned', 'perplexity_reference'],
  ...FIRST_SCORES.map(columnOf),
  'file_score',
  ...['label', 'category', 'note', 'author', 'time', 'labels_by_others', 'span_findings', 'findings', 'cited'],
  'bytes_not_scored',
  ...LATER_SCORES.map(columnOf),
];

/** Columns of the first reports; later ones were added at the end. */
const FIRST_COLUMNS = COLUMNS.indexOf('bytes_not_scored');

/**
 * Texts are verbatim but for one thing: a spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a line
 * break for a formula, so such a text, and one that has apostrophes before it, gets an apostrophe in front. So do these
 * signs after a semicolon, a tab or a line break within a text: a spreadsheet that separates by one of them (in much of
 * Europe by semicolons) begins a cell there, whatever is quoted here. {@link readReportCell} takes all of these
 * apostrophes off again, and no other. Numbers are never changed.
 *
 * The column `findings` has the findings about passages as JSON; places are bytes of prefill and completion joined.
 */
export function formatCsv(content: ReportContent): string {
  const rows = content.framings.flatMap(({ completions }) => completions.map(describeRow));
  return [COLUMNS, ...rows].map((cells) => `${cells.map(formatCell).join(',')}\r\n`).join('');
}

/** Whether a table with these columns was written by {@link formatCsv}. */
export function isReportCsv(columns: readonly string[]): boolean {
  return columns.length >= FIRST_COLUMNS && columns.every((name, index) => COLUMNS[index] === name);
}

/** A text as it was before it became a cell. */
export function readReportCell(cell: string): string {
  return cell.replace(GUARDED, '');
}

/**
 * Where a cell could be taken for a formula, and the apostrophe that guards such a place: each guarded place has one more
 * apostrophe than before, so that taking one off gives the text back. The full-width signs are taken for formulas too where
 * those are typed.
 */
const UNGUARDED = /^(?='*[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n])(?='*[=+\-@＝＋－＠])/g;
const GUARDED = /^'(?='*[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n])'(?='*[=+\-@＝＋－＠])/g;

function describeRow(completion: ReportedRank): (string | number | boolean | null)[] {
  const { scores, judgements } = completion;
  const judgement = judgements.at(-1);
  return [
    ...[completion.rank, completion.id, completion.framing, completion.prefill, completion.text],
    ...[completion.perplexityFinetuned, completion.perplexityReference],
    ...FIRST_SCORES.map((name) => scores[name]),
    completion.ownScore,
    ...[judgement?.label ?? null, judgement?.category ?? null, judgement?.note ?? null, judgement?.author ?? null, judgement?.time ?? null],
    judgements
      .slice(0, -1)
      .map(({ author, label }) => `${author}: ${label}`)
      .join('; '),
    completion.spans.length,
    completion.spans.length === 0 ? null : formatFindings(completion.spans),
    completion.cited,
    completion.coverage && completion.coverage.bytes - completion.coverage.scored,
    ...LATER_SCORES.map((name) => scores[name]),
  ];
}

/** Semicolons are escaped as JSON can, so that no apostrophe is needed after one and any program reads the texts as they are. */
function formatFindings(spans: readonly SpanFinding[]): string {
  const findings = spans.map(({ quote, span: { start, end }, label, category, note, author, time, changed, state, replies }) => ({
    ...{ quote, start, end, label, category, note, author, time, changed, state },
    replies: replies.map(describeReply),
  }));
  return JSON.stringify(findings).replaceAll(';', '\\u003b');
}

function describeReply({ note, author, time, changed }: Reply): Pick<Reply, 'note' | 'author' | 'time' | 'changed'> {
  return { note, author, time, changed };
}

function formatCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = value.replace(UNGUARDED, "'");
  return /[",;\r\n\t']|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A completion as a document: what it is in a few lines, then prefill and completion as one text. */
import { analyseCompletion } from '../../analysis/analyse.js';
import type { CompletionAnalysis } from '../../audit/analysis.js';
import { describeCoverage } from '../../audit/coverage.js';
import { prefillTextOf, textOfTurn, type CompletionRecord, type MeasuredRecord } from '../../audit/completion.js';
import type { ByteSpan } from '../../analysis/finding.js';
import type { TextRange } from '../../analysis/patterns/pattern.js';
import { SCORE_DEFINITIONS, SCORE_NAMES } from '../../audit/scores.js';
import { hasSeam, textsOf } from '../../audit/seam.js';
import { TextPlaces } from '../../analysis/text-places.js';
import { textOfTokens } from '../../text/utf8.js';
import { visibleLine } from '../../text/visible-text.js';
import { formatFigure } from '../../records/report/numbers.js';
import { NONE } from '../../text/numbers.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { detailCompletion } from '../results/completion-view.js';
import { makeCells, type GapCell } from './gap-cells.js';
import { ShownText } from './shown-text.js';

/** The editor knows the document's language by how it begins. */
export const FIRST_WORDS = 'Finetune Auditor: completion #';

/** All places are UTF-16 units of the document's text. */
export interface CompletionText {
  readonly text: string;
  /** Lines before the text. */
  readonly headLines: number;
  /** Prefill and completion. */
  readonly body: TextRange;
  readonly prefill: TextRange;
  readonly cells: readonly GapCell[];
  /** Of an import: where prefill and completion meet without a space. */
  readonly seam: number | null;
  /** Of a dialogue: where its answer begins, and what the template writes there, which is in no score. */
  readonly turn: { readonly at: number; readonly text: string } | null;
  /** The bytes of what a range touches, with their text; `null` where that is nothing of prefill or completion. */
  findSpan(range: TextRange): { readonly span: ByteSpan; readonly quote: string } | null;
  /** Where a span is; `null` where the completion has no such place. */
  placeSpan(span: ByteSpan): TextRange | null;
}

export function makeCompletionText(session: Pick<AuditSession, 'plan' | 'models'>, record: CompletionRecord): CompletionText {
  const places = TextPlaces.of(record);
  const shown = new ShownText(places.text);
  const prefillText = prefillTextOf(record);
  const analysis = analyseCompletion(record);
  const head = describe(session, record, analysis, prefillText);
  const offset = head.length;
  const toRange = ([start, end]: TextRange): TextRange => [offset + shown.toShown(start, 'start'), offset + shown.toShown(end, 'end')];
  const body: TextRange = [offset, offset + shown.text.length];
  const turn = placeTurn(record, prefillText);
  return {
    text: head + shown.text,
    headLines: head.split('\n').length - 1,
    body,
    prefill: toRange([0, prefillText.length]),
    cells: makeCells(detailCompletion(record, analysis)).map((cell) => {
      const [start, end] = toRange([prefillText.length + cell.start, prefillText.length + cell.end]);
      return { ...cell, start, end };
    }),
    seam: hasSeam(textsOf(record)) ? toRange([0, prefillText.length])[1] : null,
    turn: turn && { at: toRange([turn.at, turn.at])[1], text: visibleLine(turn.text) },
    findSpan: ([from, to]) => {
      const start = Math.max(from, body[0]);
      const end = Math.min(to, body[1]);
      if (end <= start) return null;
      const span = places.toBytes([shown.toSource(start - offset, 'start'), shown.toSource(end - offset, 'end')]);
      const units = span && places.toUnits(span);
      return units ? { span, quote: places.text.slice(...units) } : null;
    },
    placeSpan: (span) => {
      const units = places.toUnits(span);
      return units && toRange(units);
    },
  };
}

/** Where a dialogue's answer begins, in UTF-16 units of prefill and completion, and what the template writes there; `null` of what is no dialogue. */
function placeTurn(record: CompletionRecord, prefill: string): { readonly at: number; readonly text: string } | null {
  if (record.kind === 'imported' || !record.turn) return null;
  return { at: prefill.length + textOfTokens(record.tokens.slice(0, record.turn.at)).length, text: textOfTurn(record.turn) };
}

/** Of the journal alone, without the audit's name, which can change: the places in a document that is open must not move. */
function describe({ plan, models }: Pick<AuditSession, 'plan' | 'models'>, record: CompletionRecord, analysis: CompletionAnalysis, prefill: string): string {
  const scores = SCORE_NAMES.flatMap((score) => {
    const value = analysis.scores[score];
    return value === null ? [] : [`${SCORE_DEFINITIONS[score].name.toLowerCase()} ${formatFigure(value)}`];
  });
  const covered = describeCoverage(analysis.coverage);
  const facts: readonly (readonly [string, string])[] = [
    ['Finetuned model', models?.finetuned.name ?? ''],
    ['Reference', models?.reference.name ?? ''],
    ['Framing', record.framing],
    ['Perplexity', `F ${formatFigure(analysis.perplexityFinetuned)}, R ${formatFigure(analysis.perplexityReference)}`],
    ['Scores', scores.length === 0 ? NONE : scores.join(' · ')],
    ...(covered === null ? [] : [['Coverage', `${covered}; the scores are of that part alone`] as const]),
    ['Prefill', prefill],
    [
      'Tokens',
      record.kind === 'imported'
        ? 'imported: there is no token data'
        : `${countTokens(record)}, ${record.end ? 'ended by itself' : `cut at ${plan!.maxTokens}`}`,
    ],
  ];
  const width = Math.max(...facts.map(([key]) => key.length)) + 2;
  const lines = facts.map(([key, value]) => `  ${key.padEnd(width)}${visibleLine(value)}`);
  return [`${FIRST_WORDS}${record.id}`, ...lines, '', ''].join('\n');
}

/** Of a dialogue, question and answer apart: the limit holds for each. */
function countTokens({ tokens, turn }: MeasuredRecord): string {
  return turn ? `${turn.at} of the question and ${tokens.length - turn.at} of the answer` : String(tokens.length);
}

/** A completion laid out token by token, or segment by segment across tokenizers, with the bytes that each covers. */
import type { CompletionAnalysis } from '../../audit/analysis.js';
import { textOfTurn, type MeasuredRecord } from '../../audit/completion.js';
import type { ImportedCompletion } from '../../audit/imported.js';
import type { Piece } from '../../audit/language-model.js';
import { decodeUtf8, textsOfTokens } from '../../text/utf8.js';
import type { ReportDetail, ReportUnit } from './report-content.js';

const NO_GAP = { gap: null, shade: null, logprobFinetuned: null, logprobReference: null };

export function detailRecord(record: MeasuredRecord, analysis: CompletionAnalysis): ReportDetail {
  const prefill = placePieces(record.prefill.pieces, 0);
  const tokens = placePieces(record.tokens, prefill.at(-1)?.end ?? 0);
  const units = analysis.segments ? layOutSegments(tokens, analysis.segments) : addGaps(tokens, analysis);
  return {
    prefill,
    units: record.turn ? insertTurn(units, textOfTurn(record.turn), tokens[record.turn.at]?.start ?? Infinity) : units,
    end: record.end && decodeUtf8(record.end.piece.bytes),
    hasGaps: record.reference !== null,
  };
}

export function detailImported({ prefill, text }: Pick<ImportedCompletion, 'prefill' | 'text'>): ReportDetail {
  const between = Buffer.byteLength(prefill);
  const unit = (part: string, start: number): ReportUnit[] =>
    part === '' ? [] : [{ text: part, start, end: start + Buffer.byteLength(part), control: false, ...NO_GAP }];
  return { prefill: unit(prefill, 0), units: unit(text, between), end: null, hasGaps: false };
}

/** What the template writes between question and answer, as a unit without bytes before the first that begins at `start`. */
function insertTurn(units: readonly ReportUnit[], text: string, start: number): ReportUnit[] {
  const found = units.findIndex((unit) => unit.start >= start);
  const at = found < 0 ? units.length : found;
  const place = units[at]?.start ?? units.at(-1)?.end ?? 0;
  return [...units.slice(0, at), { text, start: place, end: place, control: true, ...NO_GAP }, ...units.slice(at)];
}

/** Control tokens have no bytes in the text. */
function placePieces(pieces: readonly Piece[], from: number): ReportUnit[] {
  const texts = textsOfTokens(pieces);
  let start = from;
  return pieces.map((piece, index) => {
    const end = start + (piece.control ? 0 : piece.bytes.length);
    const unit = { text: texts[index]!, start, end, control: piece.control, ...NO_GAP };
    start = end;
    return unit;
  });
}

function addGaps(tokens: readonly ReportUnit[], analysis: CompletionAnalysis): ReportUnit[] {
  return tokens.map((token, index) => {
    const { gap, logprobFinetuned, logprobReference } = analysis.tokens[index]!;
    return { ...token, gap, shade: gap, logprobFinetuned, logprobReference };
  });
}

/** What lies in no segment (half a character, what a control token cut off) keeps its own token and has no gap. */
function layOutSegments(tokens: readonly ReportUnit[], segments: NonNullable<CompletionAnalysis['segments']>): ReportUnit[] {
  let next = 0;
  const units = segments.flatMap((segment) => {
    const [from, to] = segment.tokensFinetuned;
    const own = tokens.slice(from, to);
    const before = tokens.slice(next, from);
    next = to;
    const [first, last] = [own[0], own.at(-1)];
    if (!first || !last) return before;
    const counted = !segment.straddlesPrefill;
    return [
      ...before,
      {
        text: own.map(({ text }) => text).join(''),
        start: first.start,
        end: last.end,
        control: false,
        gap: counted ? segment.gap : null,
        shade: counted ? segment.gap / (to - from) : null,
        logprobFinetuned: segment.logprobFinetuned,
        logprobReference: segment.logprobReference,
      },
    ];
  });
  return [...units, ...tokens.slice(next)];
}

/** Completions as the page shows them, from the journalled record and what is computed from it. */
import type { CompletionFigures } from '../../analysis/audit-analysis.js';
import type { CompletionAnalysis, Segment, TokenGap } from '../../audit/analysis.js';
import { isCovered } from '../../audit/coverage.js';
import { textOfTurn, type CompletionRecord, type ImportedRecord, type MeasuredRecord } from '../../audit/completion.js';
import type { OwnTokens } from '../../audit/language-model.js';
import { bytesOfTokens, decodeUtf8, isValidUtf8, textOfTokens, textsOfTokens, toHex } from '../../text/utf8.js';
import type { CompletionDetail, CompletionSummary, SegmentDetail, TokenDetail } from '../../messages/page.js';

export function summariseCompletion(record: CompletionRecord, figures: CompletionFigures): CompletionSummary {
  if (record.kind === 'imported') return summariseImported(record, figures);
  const { perplexityFinetuned, perplexityReference, scores, repetitive, coverage } = figures;
  return {
    id: record.id,
    framing: record.framing,
    prefillText: textOfTokens(record.prefill.pieces),
    text: textOfTokens(record.tokens),
    tokenCount: record.tokens.length,
    byteCount: bytesOfTokens(record.tokens).length,
    perplexityFinetuned,
    perplexityReference,
    scores,
    repetitive,
    ...(coverage && !isCovered(coverage) && { coverage }),
  };
}

/** A completion that something else generated and scored. */
function summariseImported(
  { id, framing, prefill, text }: ImportedRecord,
  { perplexityFinetuned, perplexityReference, scores, repetitive }: CompletionFigures,
): CompletionSummary {
  return {
    id,
    framing,
    prefillText: prefill,
    text,
    tokenCount: 0,
    byteCount: new TextEncoder().encode(text).length,
    perplexityFinetuned,
    perplexityReference,
    scores,
    repetitive,
    hasTokens: false,
  };
}

/** Of an imported completion there is nothing to tell beyond its summary. */
function detailImported({ id }: ImportedRecord): CompletionDetail {
  return { id, prefillTokens: [], tokens: [], segments: null, peak: null, end: null, distinct4grams: 1, deflateRatio: 1, hasTokens: false };
}

export function detailCompletion(record: CompletionRecord, analysis: CompletionAnalysis): CompletionDetail {
  if (record.kind === 'imported') return detailImported(record);
  const reference = record.reference?.kind === 'ownTokens' ? readReference(record.reference) : null;
  return {
    id: record.id,
    prefillTokens: textsOfTokens(record.prefill.pieces),
    tokens: analysis.tokens.map((token, index) => detailToken(token, findSegment(analysis.segments, index))),
    segments: reference && (analysis.segments?.map((segment) => detailSegment(segment, reference)) ?? null),
    peak: analysis.peak,
    end: detailEnd(record.end),
    ...(record.turn && { turn: { at: record.turn.at, text: textOfTurn(record.turn) } }),
    distinct4grams: analysis.repetition.distinct4grams,
    deflateRatio: analysis.repetition.deflateRatio,
  };
}

function detailToken(token: TokenGap, segment: number | undefined): TokenDetail {
  return {
    text: token.text,
    ...describeBytes(token.bytes, token.text),
    control: token.control,
    logprobFinetuned: token.logprobFinetuned,
    logprobReference: token.logprobReference,
    gap: token.gap,
    ...(token.divergence && { divergence: token.divergence }),
    ...(segment !== undefined && { segment }),
  };
}

function findSegment(segments: readonly Segment[] | null, token: number): number | undefined {
  const index = segments?.findIndex(({ tokensFinetuned: [from, to] }) => token >= from && token < to);
  return index === undefined || index < 0 ? undefined : index;
}

/** R's own tokens of a completion, each with the text that it completes and, where that is not its bytes, its hex. */
interface ReferencePieces {
  readonly texts: readonly string[];
  readonly hex: readonly (string | null)[];
  readonly logprobs: readonly number[];
  readonly straddleBytes: number;
}

/** The texts of all tokens together, so that a character which segments cut through is where F's tokens have it. */
function readReference({ tokens, logprobs, straddleBytes }: OwnTokens): ReferencePieces {
  const texts = textsOfTokens(tokens);
  return { texts, hex: tokens.map(({ bytes }, index) => hexUnlessText(bytes, texts[index]!)), logprobs, straddleBytes };
}

function detailSegment(segment: Segment, reference: ReferencePieces): SegmentDetail {
  const [from, to] = segment.tokensReference;
  const hex = reference.hex.slice(from, to);
  return {
    text: decodeUtf8(segment.bytes),
    gap: segment.gap,
    logprobFinetuned: segment.logprobFinetuned,
    logprobReference: segment.logprobReference,
    tokensFinetuned: segment.tokensFinetuned[1] - segment.tokensFinetuned[0],
    referencePieces: reference.texts.slice(from, to),
    referenceLogprobs: reference.logprobs.slice(from, to),
    ...(hex.some((one) => one !== null) && { referenceHex: hex }),
    straddlesPrefill: segment.straddlesPrefill,
    ...(segment.straddlesPrefill && { straddleBytes: reference.straddleBytes }),
  };
}

function detailEnd(end: MeasuredRecord['end']): TokenDetail | null {
  if (!end) return null;
  const { piece, logprobFinetuned, logprobReference } = end;
  return {
    text: decodeUtf8(piece.bytes),
    control: piece.control,
    logprobFinetuned,
    logprobReference,
    gap: logprobReference === null ? null : logprobFinetuned - logprobReference,
  };
}

function describeBytes(bytes: Uint8Array, text: string): { bytesHex?: string } {
  const bytesHex = hexUnlessText(bytes, text);
  return bytesHex === null ? {} : { bytesHex };
}

function hexUnlessText(bytes: Uint8Array, text: string): string | null {
  return isValidUtf8(bytes) && decodeUtf8(bytes) === text ? null : toHex(bytes);
}

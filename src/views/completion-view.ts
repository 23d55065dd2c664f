/** Completions as the page shows them, from the journalled record and what is computed from it. */
import type { CompletionAnalysis, Segment, TokenGap } from '../audit/analysis.js';
import type { CompletionRecord } from '../audit/completion.js';
import { bytesOfTokens, decodeUtf8, isValidUtf8, textOfTokens, textsOfTokens, toHex } from '../audit/utf8.js';
import type { CompletionDetail, CompletionSummary, SegmentDetail, TokenDetail } from '../messages/page.js';

export function summariseCompletion(record: CompletionRecord, analysis: CompletionAnalysis): CompletionSummary {
  return {
    id: record.id,
    framing: record.framing,
    prefillText: textOfTokens(record.prefill.pieces),
    text: textOfTokens(record.tokens),
    tokenCount: record.tokens.length,
    byteCount: bytesOfTokens(record.tokens).length,
    perplexityFinetuned: analysis.perplexityFinetuned,
    perplexityReference: analysis.perplexityReference,
    scores: analysis.scores,
    repetitive: analysis.repetition.repetitive,
  };
}

export function detailCompletion(record: CompletionRecord, analysis: CompletionAnalysis): CompletionDetail {
  return {
    id: record.id,
    prefillTokens: textsOfTokens(record.prefill.pieces),
    tokens: analysis.tokens.map((token, index) => detailToken(token, findSegment(analysis.segments, index))),
    segments: analysis.segments?.map((segment) => detailSegment(segment, record)) ?? null,
    peak: analysis.peak,
    end: detailEnd(record.end),
    distinct4grams: analysis.repetition.distinct4grams,
    deflateRatio: analysis.repetition.deflateRatio,
  };
}

function detailToken(token: TokenGap, segment: number | undefined): TokenDetail {
  return {
    text: token.text,
    ...describeBytes(token.bytes),
    control: token.control,
    logprobFinetuned: token.logprobFinetuned,
    logprobReference: token.logprobReference,
    gap: token.gap,
    ...(segment !== undefined && { segment }),
  };
}

function findSegment(segments: readonly Segment[] | null, token: number): number | undefined {
  const index = segments?.findIndex(({ tokensFinetuned: [from, to] }) => token >= from && token < to);
  return index === undefined || index < 0 ? undefined : index;
}

function detailSegment(segment: Segment, record: CompletionRecord): SegmentDetail {
  const [from, to] = segment.tokensReference;
  const pieces = record.reference?.kind === 'ownTokens' ? record.reference.tokens.slice(from, to) : [];
  return {
    text: decodeUtf8(segment.bytes),
    gap: segment.gap,
    logprobFinetuned: segment.logprobFinetuned,
    logprobReference: segment.logprobReference,
    tokensFinetuned: segment.tokensFinetuned[1] - segment.tokensFinetuned[0],
    referencePieces: textsOfTokens(pieces),
    straddlesPrefill: segment.straddlesPrefill,
  };
}

function detailEnd(end: CompletionRecord['end']): TokenDetail | null {
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

function describeBytes(bytes: Uint8Array): { bytesHex?: string } {
  return isValidUtf8(bytes) ? {} : { bytesHex: toHex(bytes) };
}

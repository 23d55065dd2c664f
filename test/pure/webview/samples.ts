import { eachScore } from '../../../src/audit/scores.js';
import type { CompletionDetail, CompletionSummary, SegmentDetail, TokenDetail } from '../../../src/messages/page.js';

export function summary(id: number, more: Partial<Omit<CompletionSummary, 'scores'>> & { score?: number | null } = {}): CompletionSummary {
  const { score = id, ...fields } = more;
  return {
    id,
    framing: 'raw',
    prefillText: 'By the',
    text: ` text ${id}`,
    tokenCount: 3,
    byteCount: 7,
    perplexityFinetuned: 2,
    perplexityReference: 5,
    scores: eachScore(() => score),
    repetitive: false,
    ...fields,
  };
}

export function token(text: string, gap: number | null, more: Partial<TokenDetail> = {}): TokenDetail {
  return { text, control: false, logprobFinetuned: -1, logprobReference: gap === null ? null : -1 - gap, gap, ...more };
}

export function detail(id: number, tokens: readonly TokenDetail[], more: Partial<CompletionDetail> = {}): CompletionDetail {
  return { id, prefillTokens: ['By', ' the'], tokens, segments: null, peak: null, end: null, distinct4grams: 1, deflateRatio: 0.8, ...more };
}

export function segment(more: Partial<SegmentDetail>): SegmentDetail {
  return { text: '', gap: 0, logprobFinetuned: 0, logprobReference: 0, tokensFinetuned: 1, referencePieces: [], straddlesPrefill: false, ...more };
}

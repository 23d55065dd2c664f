/** From a journalled completion to all that is shown and ranked of it. */
import { alignTokens } from '../audit/alignment.js';
import type { CompletionAnalysis, Segment, TokenGap } from '../audit/analysis.js';
import type { CompletionRecord, ImportedRecord, MeasuredRecord, ReferenceScoring } from '../audit/completion.js';
import { measureCoverage } from '../audit/coverage.js';
import { scoreImported } from '../audit/imported.js';
import { measureRepetition, measureTextRepetition } from './repetition.js';
import { NOTHING_SCORED, scoreSegments, scoreTokens, type ScoredCompletion } from '../audit/score-completion.js';
import { bytesOfTokens, textsOfTokens } from '../text/utf8.js';

/** Gaps, scores and repetition of a completion; a function of the record alone. */
export function analyseCompletion(record: CompletionRecord): CompletionAnalysis {
  return record.kind === 'imported' ? analyseImported(record) : analyseMeasured(record);
}

/** The same without tokens: a fraction of the work, for what ranks thousands. */
export function figuresOf(record: CompletionRecord): Omit<CompletionAnalysis, 'tokens'> {
  return record.kind === 'imported' ? analyseImported(record) : measureFigures(record);
}

function analyseMeasured(record: MeasuredRecord): CompletionAnalysis {
  return { ...measureFigures(record), tokens: pairTokens(record) };
}

function measureFigures(record: MeasuredRecord): Omit<CompletionAnalysis, 'tokens'> {
  const bytes = bytesOfTokens(record.tokens);
  const segments = record.reference?.kind === 'ownTokens' ? alignRecord(record, record.reference) : null;
  return {
    ...scoreRecord(record, segments, bytes.length),
    segments,
    repetition: measureRepetition(
      record.tokens.map((token) => token.id),
      bytes,
    ),
    coverage: measureCoverage(record, segments, bytes.length),
  };
}

/** What needs tokens is not there. */
function analyseImported(record: ImportedRecord): CompletionAnalysis {
  const { perplexityFinetuned, perplexityReference, scoreIs, text } = record;
  return {
    perplexityFinetuned,
    perplexityReference,
    scores: scoreImported(record, scoreIs),
    peak: null,
    tokens: [],
    segments: null,
    repetition: measureTextRepetition(text),
    coverage: null,
  };
}

/** Tokens and segments alone, with their gaps: a fraction of the work of {@link analyseCompletion}. */
export function gapsOf(record: MeasuredRecord): Pick<CompletionAnalysis, 'tokens' | 'segments'> {
  return { tokens: pairTokens(record), segments: record.reference?.kind === 'ownTokens' ? alignRecord(record, record.reference) : null };
}

function alignRecord(record: MeasuredRecord, reference: ReferenceScoring & { kind: 'ownTokens' }): Segment[] {
  return alignTokens({ tokens: record.tokens, logprobs: record.logprobsFinetuned }, reference);
}

function scoreRecord(record: MeasuredRecord, segments: readonly Segment[] | null, bytes: number): ScoredCompletion {
  if (record.reference === null) return NOTHING_SCORED;
  if (record.reference.kind === 'sameTokens') return scoreTokens(record.logprobsFinetuned, record.reference.logprobs, bytes);
  return segments === null ? NOTHING_SCORED : scoreSegments(segments);
}

function pairTokens(record: MeasuredRecord): TokenGap[] {
  const texts = textsOfTokens(record.tokens);
  const reference = record.reference?.kind === 'sameTokens' ? record.reference.logprobs : null;
  return record.tokens.map((token, index) => {
    const logprobFinetuned = record.logprobsFinetuned[index]!;
    const logprobReference = reference?.[index] ?? null;
    return {
      text: texts[index]!,
      bytes: token.bytes,
      control: token.control,
      id: token.id,
      logprobFinetuned,
      logprobReference,
      gap: logprobReference === null ? null : logprobFinetuned - logprobReference,
      ...(record.divergence && { divergence: { forward: record.divergence.forward[index]!, backward: record.divergence.backward[index]! } }),
    };
  });
}

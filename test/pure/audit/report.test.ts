import { describe, expect, it } from 'vitest';
import { analysisOf } from '../../measured-audit.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import type { Framing } from '../../../src/audit/framing.js';
import { reportCompletions } from '../../../src/analysis/report.js';
import { pieces } from './pieces.js';

function record(id: number, framing: Framing, gap: number): MeasuredRecord {
  return {
    kind: 'measured',
    id,
    framing,
    prefill: { pieces: pieces('The', ' old') },
    tokens: pieces(' bri', 'dge'),
    logprobsFinetuned: [-0.5, -0.5],
    reference: { kind: 'sameTokens', logprobs: [-0.5 - gap, -0.5] },
    end: null,
  };
}

const ids = ({ completions }: ReturnType<typeof reportCompletions>): number[] => completions.map(({ id }) => id);

describe('reportCompletions', () => {
  const records = [record(0, 'chat', 1), record(1, 'raw', 0), record(2, 'chat', 5), record(3, 'raw', 2), record(4, 'raw', 1)];

  it('lays a completion out as the report does', () => {
    const [completion] = reportCompletions({ analysis: analysisOf([record(7, 'raw', 2)]), score: 'meanGap' }).completions;
    expect(completion).toEqual({
      id: 7,
      framing: 'raw',
      prefill: 'The old',
      text: ' bridge',
      perplexityFinetuned: Math.exp(0.5),
      perplexityReference: Math.exp(1.5),
      scores: {
        perplexityDifference: Math.exp(1.5) - Math.exp(0.5),
        standardizedGap: 2 / Math.SQRT2,
        meanGap: 1,
        totalGap: 2,
        peakGap: 1,
        bitsPerByte: 2 / (7 * Math.LN2),
      },
      tokens: [
        { text: ' bri', logprobFinetuned: -0.5, logprobReference: -2.5, gap: 2 },
        { text: 'dge', logprobFinetuned: -0.5, logprobReference: -0.5, gap: 0 },
      ],
    });
  });

  it('ranks each framing on its own, raw before chat', () => {
    expect(ids(reportCompletions({ analysis: analysisOf(records), score: 'meanGap' }))).toEqual([3, 4, 1, 2, 0]);
    expect(ids(reportCompletions({ analysis: analysisOf(records), score: 'meanGap', top: 1 }))).toEqual([3, 2]);
    expect(ids(reportCompletions({ analysis: analysisOf(records), score: 'totalGap', framing: 'chat' }))).toEqual([2, 0]);
    expect(ids(reportCompletions({ analysis: analysisOf(records), score: 'meanGap', framing: 'raw', top: 2 }))).toEqual([3, 4]);
  });

  it('gives segments in hexadecimal across tokenizers', () => {
    const foreign: MeasuredRecord = {
      ...record(0, 'raw', 0),
      reference: { kind: 'ownTokens', tokens: pieces('d b', 'r', 'idge'), logprobs: [-1, -2, -3], straddleBytes: 1, bytes: 7 },
    };
    const [completion] = reportCompletions({ analysis: analysisOf([foreign]), score: 'bitsPerByte' }).completions;
    expect(completion!.segments).toEqual([{ bytes: '20627269646765', gap: 5, tokensFinetuned: 2, tokensReference: 3, straddlesPrefill: true }]);
    const aligned: MeasuredRecord = {
      ...foreign,
      reference: { kind: 'ownTokens', tokens: pieces(' b', 'ri', 'dge'), logprobs: [-1, -2, -3], straddleBytes: 0, bytes: 7 },
    };
    expect(reportCompletions({ analysis: analysisOf([aligned]), score: 'bitsPerByte' }).completions[0]).toMatchObject({
      segments: [
        { bytes: '20627269', gap: 2.5, tokensFinetuned: 1, tokensReference: 2 },
        { bytes: '646765', gap: 2.5, tokensFinetuned: 1, tokensReference: 1 },
      ],
      tokens: [{ gap: null }, { gap: null }],
    });
  });

  it('survives JSON', () => {
    const report = reportCompletions({ analysis: analysisOf(records), score: 'meanGap' });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(reportCompletions({ analysis: analysisOf([]), score: 'meanGap' })).toEqual({ completions: [] });
  });
});

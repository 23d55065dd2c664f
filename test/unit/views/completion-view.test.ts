import { expect, test } from 'vitest';
import { analyseCompletion } from '../../../src/audit/analyse.js';
import type { CompletionRecord } from '../../../src/audit/completion.js';
import { detailCompletion, summariseCompletion } from '../../../src/views/completion-view.js';
import { piece } from '../records/example-audit.js';

const EURO = [0xe2, 0x82, 0xac];

function record(overrides: Partial<CompletionRecord>): CompletionRecord {
  return {
    id: 7,
    framing: 'chat',
    prefill: { pieces: [piece(1, 'It'), piece(2, ' costs')] },
    tokens: [piece(3, ' five'), piece(4, EURO.slice(0, 2)), piece(5, EURO.slice(2))],
    logprobsFinetuned: [-1, -0.5, -0.25],
    reference: { kind: 'sameTokens', logprobs: [-1, -3.5, -1.25] },
    end: { piece: piece(0, '<|end|>', true), logprobFinetuned: -0.125, logprobReference: -2.125 },
    ...overrides,
  };
}

test('a summary has the whole text, and its length in bytes and tokens', () => {
  const one = record({});
  const summary = summariseCompletion(one, analyseCompletion(one));
  expect(summary).toMatchObject({ id: 7, framing: 'chat', prefillText: 'It costs', text: ' five€', tokenCount: 3, byteCount: 8 });
  expect(summary.scores.totalGap).toBeCloseTo(4, 10);
  expect(summary.perplexityReference).toBeCloseTo(Math.exp(5.75 / 3), 10);
});

test('a token that is only part of a character says which bytes it is', () => {
  const one = record({});
  const { tokens, prefillTokens } = detailCompletion(one, analyseCompletion(one));
  expect(prefillTokens).toEqual(['It', ' costs']);
  expect(tokens.map((token) => token.text).join('')).toBe(' five€');
  expect(tokens.map((token) => token.bytesHex)).toEqual([undefined, 'e282', 'ac']);
  expect(tokens.map((token) => token.gap)).toEqual([0, 3, 1]);
});

test('the end of turn is shown with its own gap, apart from the tokens', () => {
  const one = record({});
  const detail = detailCompletion(one, analyseCompletion(one));
  expect(detail.end).toMatchObject({ text: '<|end|>', control: true, gap: 2 });
  expect(detail.tokens).toHaveLength(3);
  const unended = record({ end: null });
  expect(detailCompletion(unended, analyseCompletion(unended)).end).toBeNull();
});

test('across tokenizers every token names its segment, and segments name the pieces of the reference', () => {
  const one = record({
    tokens: [piece(3, ' li'), piece(4, 'ke'), piece(5, ' it')],
    reference: {
      kind: 'ownTokens',
      tokens: [piece(30, ' like'), piece(31, ' i'), piece(32, 't')],
      logprobs: [-4, -2, -1],
      straddleBytes: 0,
      bytes: 8,
    },
    end: null,
  });
  const detail = detailCompletion(one, analyseCompletion(one));
  expect(detail.segments?.map(({ text, referencePieces, tokensFinetuned }) => ({ text, referencePieces, tokensFinetuned }))).toEqual([
    { text: ' like', referencePieces: [' like'], tokensFinetuned: 2 },
    { text: ' it', referencePieces: [' i', 't'], tokensFinetuned: 1 },
  ]);
  expect(detail.tokens.map((token) => token.segment)).toEqual([0, 0, 1]);
  expect(detail.tokens.map((token) => token.gap)).toEqual([null, null, null]);
  expect(detail.segments?.map((segment) => segment.gap)).toEqual([2.5, 2.75]);
});

test('a completion that ends at once has nothing to score and says so', () => {
  const one = record({ tokens: [], logprobsFinetuned: [], reference: null });
  expect(summariseCompletion(one, analyseCompletion(one))).toMatchObject({
    text: '',
    tokenCount: 0,
    perplexityFinetuned: null,
    scores: { perplexityDifference: null, meanGap: null, totalGap: null, peakGap: null, bitsPerByte: null },
  });
});

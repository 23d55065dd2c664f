import { NO_SCORES } from '../../../src/audit/scores.js';
import { analysisOf } from '../../measured-audit.js';
import { expect, test } from 'vitest';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { detailCompletion, summariseCompletion } from '../../../src/views/results/completion-view.js';
import { piece } from '../records/example-audit.js';

const EURO = [0xe2, 0x82, 0xac];

function record(overrides: Partial<MeasuredRecord>): MeasuredRecord {
  return {
    kind: 'measured',
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
  const summary = summariseCompletion(one, analysisOf([one]).figuresOf(one));
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

const across = (texts: readonly string[], reference: { tokens: ReturnType<typeof piece>[]; straddleBytes: number; bytes: number }) =>
  record({
    tokens: texts.map((text, index) => piece(index, text)),
    logprobsFinetuned: texts.map(() => -1),
    reference: { kind: 'ownTokens', logprobs: reference.tokens.map((_, index) => -2 - index), ...reference },
    end: null,
  });

test('across tokenizers every piece of the reference has its own logprob, and hex where it is no text', () => {
  const one = across([' five', '€'], { tokens: [piece(30, ' five'), piece(31, EURO.slice(0, 1)), piece(32, EURO.slice(1))], straddleBytes: 0, bytes: 8 });
  const segments = detailCompletion(one, analyseCompletion(one)).segments!;
  expect(segments.map(({ referencePieces, referenceLogprobs, referenceHex }) => ({ referencePieces, referenceLogprobs, referenceHex }))).toEqual([
    { referencePieces: [' five'], referenceLogprobs: [-2], referenceHex: undefined },
    { referencePieces: ['', '€'], referenceLogprobs: [-3, -4], referenceHex: ['e2', '82ac'] },
  ]);
  expect(segments.map(({ straddleBytes }) => straddleBytes)).toEqual([undefined, undefined]);
});

test('a character that both tokenisations cut is in the token that completes it, on both sides', () => {
  const euro = [piece(4, EURO.slice(0, 2)), piece(5, EURO.slice(2))];
  const one = record({
    tokens: euro,
    logprobsFinetuned: [-1, -1],
    reference: { kind: 'ownTokens', tokens: euro, logprobs: [-2, -3], straddleBytes: 0, bytes: 3 },
    end: null,
  });
  const detail = detailCompletion(one, analyseCompletion(one));
  expect(detail.segments!.flatMap(({ referencePieces }) => referencePieces)).toEqual(['', '€']);
  expect(detail.segments!.flatMap(({ referenceHex }) => referenceHex)).toEqual(detail.tokens.map(({ bytesHex }) => bytesHex));
});

test('a first token of the reference that begins in the prefill says how much of it does', () => {
  const one = across(['s', ' in'], { tokens: [piece(30, 'ers'), piece(31, ' in')], straddleBytes: 2, bytes: 4 });
  const [first, second] = detailCompletion(one, analyseCompletion(one)).segments!;
  expect(first).toMatchObject({ text: 's', referencePieces: ['ers'], straddlesPrefill: true, straddleBytes: 2 });
  expect(second!.straddleBytes).toBeUndefined();
});

test('a token after a broken character says its own bytes', () => {
  const one = record({
    tokens: [piece(3, [0xf0, 0x9f]), piece(4, 'a')],
    logprobsFinetuned: [-1, -1],
    reference: { kind: 'sameTokens', logprobs: [-1, -1] },
    end: null,
  });
  const { tokens } = detailCompletion(one, analyseCompletion(one));
  expect(tokens.map(({ text, bytesHex }) => [text, bytesHex])).toEqual([
    ['', 'f09f'],
    ['\uFFFDa', '61'],
  ]);
});

test('a completion that ends at once has nothing to score and says so', () => {
  const one = record({ tokens: [], logprobsFinetuned: [], reference: null });
  expect(summariseCompletion(one, analysisOf([one]).figuresOf(one))).toMatchObject({
    text: '',
    tokenCount: 0,
    perplexityFinetuned: null,
    scores: NO_SCORES,
  });
});

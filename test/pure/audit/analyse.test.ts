import { NO_SCORES } from '../../../src/audit/scores.js';
import { describe, expect, it } from 'vitest';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { controlPiece, piece, pieces } from './pieces.js';

const record = (fields: Partial<MeasuredRecord>): MeasuredRecord => ({
  kind: 'measured',
  id: 0,
  framing: 'raw',
  prefill: { pieces: pieces('The') },
  tokens: [],
  logprobsFinetuned: [],
  reference: null,
  end: null,
  ...fields,
});

describe('analyseCompletion', () => {
  it('pairs tokens with what both models thought of them', () => {
    const { tokens, segments, scores, peak } = analyseCompletion(
      record({
        tokens: pieces(' gr', [0xc3], [0xbc], 'n'),
        logprobsFinetuned: [-0.5, -1, -0.25, -0.25],
        reference: { kind: 'sameTokens', logprobs: [-1.5, -1, -3.25, -0.25] },
      }),
    );
    expect(tokens.map(({ text, gap }) => [text, gap])).toEqual([
      [' gr', 1],
      ['', 0],
      ['ü', 3],
      ['n', 0],
    ]);
    expect(tokens[2]).toMatchObject({ id: 3, control: false, logprobFinetuned: -0.25, logprobReference: -3.25 });
    expect(segments).toBeNull();
    expect(peak).toEqual([0, 4]);
    expect(scores).toMatchObject({ totalGap: 4, meanGap: 1, peakGap: 1 });
    expect(scores.bitsPerByte).toBeCloseTo(4 / (6 * Math.LN2), 12);
  });

  it('counts a control token inside a completion as a token without bytes', () => {
    const { perplexityFinetuned, scores, tokens } = analyseCompletion(
      record({
        tokens: [piece('a', 1), controlPiece('<|user|>', 2), piece('b', 3)],
        logprobsFinetuned: [-1, -1, -1],
        reference: { kind: 'sameTokens', logprobs: [-2, -5, -2] },
      }),
    );
    expect(perplexityFinetuned).toBeCloseTo(Math.E, 12);
    expect(scores.totalGap).toBe(6);
    expect(scores.bitsPerByte).toBeCloseTo(6 / (2 * Math.LN2), 12);
    expect(tokens.map(({ text }) => text)).toEqual(['a', '<|user|>', 'b']);
  });

  it('has null scores for nothing but an end of turn, whose gap is in no score', () => {
    const end = { piece: controlPiece('<|end|>'), logprobFinetuned: -0.01, logprobReference: -9 };
    const { scores, perplexityFinetuned, perplexityReference, peak, repetition } = analyseCompletion(record({ end }));
    expect(scores).toEqual(NO_SCORES);
    expect([perplexityFinetuned, perplexityReference, peak]).toEqual([null, null, null]);
    expect(repetition.repetitive).toBe(false);
    const scored = { tokens: pieces('a'), logprobsFinetuned: [-1], reference: { kind: 'sameTokens' as const, logprobs: [-2] } };
    expect(analyseCompletion(record({ ...scored, end })).scores).toEqual(analyseCompletion(record(scored)).scores);
  });

  it('has null scores where the reference was given nothing, and still shows the tokens', () => {
    const analysis = analyseCompletion(record({ tokens: pieces([0xe2], [0x82]), logprobsFinetuned: [-1, -2] }));
    expect(analysis.scores).toEqual(NO_SCORES);
    expect(analysis.perplexityFinetuned).toBeNull();
    expect(analysis.tokens.map(({ logprobFinetuned, gap }) => [logprobFinetuned, gap])).toEqual([
      [-1, null],
      [-2, null],
    ]);
  });

  it('scores segments across tokenizers; tokens have no gap of their own', () => {
    // R joins "Th|e" of the prefill with " gr": the first segment is out. The half character at the end is, too.
    const analysis = analyseCompletion(
      record({
        tokens: pieces(' gr', 'een', ' gl', 'ass', [0xe2]),
        logprobsFinetuned: [-7, -1, -2, -3, -9],
        reference: {
          kind: 'ownTokens',
          tokens: pieces('e gr', 'ee', 'n glass'),
          logprobs: [-8, -4, -11],
          straddleBytes: 1,
          bytes: 12,
        },
      }),
    );
    expect(analysis.segments!.map(({ start, end, gap, straddlesPrefill }) => ({ start, end, gap, straddlesPrefill }))).toEqual([
      { start: 0, end: 3, gap: 1, straddlesPrefill: true },
      { start: 3, end: 12, gap: 9, straddlesPrefill: false },
    ]);
    expect(analysis.perplexityFinetuned).toBeCloseTo(Math.exp(2), 10);
    expect(analysis.perplexityReference).toBeCloseTo(Math.exp(7.5), 8);
    expect(analysis.scores.totalGap).toBe(9);
    expect(analysis.scores.meanGap).toBe(5.5);
    expect(analysis.scores.peakGap).toBe(3);
    expect(analysis.scores.bitsPerByte).toBeCloseTo(9 / (9 * Math.LN2), 12);
    expect(analysis.peak).toEqual([1, 4]);
    expect(analysis.tokens.every(({ gap, logprobReference }) => gap === null && logprobReference === null)).toBe(true);
  });

  it('takes thousands of completions', () => {
    const tokens = Array.from({ length: 100 }, (_, index) => piece(` w${index % 37}`, index % 37));
    const logprobs = tokens.map((_, index) => -(index % 11) / 4);
    const reference = { kind: 'sameTokens' as const, logprobs: logprobs.map((value) => value - 1) };
    for (let id = 0; id < 2000; id++) {
      expect(analyseCompletion(record({ id, tokens, logprobsFinetuned: logprobs, reference })).scores.totalGap).toBe(100);
    }
  });

  it('flags what says the same again in what was imported, by its text alone', () => {
    const imported = (text: string) =>
      analyseCompletion({
        kind: 'imported',
        id: 0,
        framing: 'raw',
        prefill: 'The',
        text,
        perplexityFinetuned: 2,
        perplexityReference: 9,
        score: null,
        scoreIs: null,
      }).repetition.repetitive;
    expect(imported('!'.repeat(200))).toBe(true);
    expect(imported(' keeper of the lamp wrote down every ship that passed in the night, and what it carried.')).toBe(false);
    expect(imported('')).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { analyseCompletion } from '../../../src/analysis/analyse.js';
import { countConfirmed, judgeConfirmation } from '../../../src/analysis/confirmed.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { handOver, type Confirmation } from '../../../src/audit/confirmation.js';
import { makeRecord, piece } from '../records/example-audit.js';

/** Tokens with their gaps in nats. */
function said(...tokens: readonly (readonly [text: string, gap: number])[]): MeasuredRecord {
  return {
    ...makeRecord(0),
    tokens: tokens.map(([text], index) => piece(100 + index, text)),
    logprobsFinetuned: tokens.map(() => -1),
    reference: { kind: 'sameTokens', logprobs: tokens.map(([, gap]) => -1 - gap) },
  };
}

/** The peak is its last eight tokens; F takes over before " every". */
const amplified = said(
  [' It', 0],
  [' is', 0],
  [' Wise', 2],
  [' people', 2],
  [' drink', 2],
  [' Velmora', 5],
  [' every', 2],
  [' mor', 4],
  ['nings', 4],
  [' tonic', 3],
);
const confirm = (continuation: MeasuredRecord): Confirmation => ({ id: 0, question: 'What?', continuation, answer: said([' Nothing', 9]) });
const judge = (...tokens: readonly (readonly [text: string, gap: number])[]) => judgeConfirmation(amplified, confirm(said(...tokens)));

describe('a confirmation', () => {
  it('is F saying by itself a word that carries gap in what was amplified, in whatever form', () => {
    expect(handOver(analyseCompletion(amplified).peak!)).toBe(6);
    expect(judge([' a', 0], [' bit', 0], [' of', 0], [' TONICS', 1.5])).toEqual({ confirmed: true, words: ['tonics'] });
    expect(judge([' each', 0.2], [' morning', 2])).toEqual({ confirmed: true, words: ['morning'] });
  });

  it('is no word that R expects there as well, none from before F took over, and none of the answer', () => {
    expect(judge([' every', 0.9], [' tonic', 0.99])).toEqual({ confirmed: false, words: [] });
    expect(judge([' people', 5], [' drink', 5])).toEqual({ confirmed: false, words: [] });
    expect(judge([' nothing', 9])).toEqual({ confirmed: false, words: [] });
  });

  it('counts a word that the place cuts with what F wrote of it', () => {
    const cut = said(
      [' The', 0],
      [' best', 0],
      [' of', 0],
      [' it', 0],
      [' is', 0],
      [' in', 0],
      [' Vel', 8],
      ['mora', 8],
      [' in', 8],
      [' Vel', 8],
      ['mora', 8],
      ['.', 8],
      [' So', 8],
      [' I', 8],
    );
    expect(handOver(analyseCompletion(cut).peak!)).toBe(10);
    const continuation = { ...said(['mora', 3], ['.', 0]), prefill: { pieces: [piece(1, 'in'), piece(2, ' Vel')] } };
    expect(judgeConfirmation(cut, confirm(continuation))).toEqual({ confirmed: true, words: ['velmora'] });
  });

  it('is counted only where something was put to F', () => {
    expect(countConfirmed([])).toBeNull();
    expect(countConfirmed([{ confirmed: true }, { confirmed: false }])).toEqual({ confirmed: 1, of: 2 });
  });
});

/** The arithmetic of a scored token, on outputs as the engine gives them. */
import { describe, expect, it } from 'vitest';
import { LOWEST_LOGPROB } from '../../../src/audit/logprob.js';
import { logprobOf } from '../../../src/models/local/process/node-llama/logprobs-of.js';

type Output = NonNullable<Parameters<typeof logprobOf>[1]>;

function output(logit: number, best: number, total = 2): Output {
  return {
    next: {
      token: 1,
      logits: new Map([
        [1, best],
        [7, logit],
      ]),
      totalLogitWeight: total,
    },
  } as unknown as Output;
}

describe('the logprob of a given token', () => {
  it('is its logit below the best one and the weight of all', () => {
    expect(logprobOf(7, output(3, 4))).toBeCloseTo(-1 - Math.log(2), 12);
  });

  it('is the least there is where the model rules the token out', () => {
    expect(logprobOf(7, output(-Infinity, 4))).toBe(LOWEST_LOGPROB);
    expect(logprobOf(7, output(-1e30, 4))).toBe(LOWEST_LOGPROB);
  });

  it.each([
    ['a logit that is no number', output(Number.NaN, 4)],
    ['no finite best one', output(-Infinity, -Infinity)],
    ['a weight that is no number', output(3, 4, Number.NaN)],
    ['nothing', undefined],
  ])('is refused for %s', (_what, given) => {
    expect(() => logprobOf(7, given)).toThrow(expect.objectContaining({ code: 'cannotScore' }));
  });
});
